package dev.anchorhold.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TaskLoopTest {
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger sound = new AtomicInteger();

    @Test
    void F29_a_task_that_throws_is_tried_again_and_the_others_go_on() {
        var tasks = List.of(
                new TaskLoop.Task("broken", () -> Optional.of(Instant.MIN), () -> {
                    if (broken.incrementAndGet() % 2 == 0) throw new AssertionError("never so");
                    throw new IllegalStateException("something unforeseen");
                }),
                new TaskLoop.Task("sound", () -> Optional.of(Instant.MIN), sound::incrementAndGet));
        try (var loop = new TaskLoop("test", InstantSource.system(), tasks)) {
            loop.start();
            await().until(() -> broken.get() >= 2 && sound.get() > 10);
        }
    }

    @Test
    void F29_even_what_is_due_may_throw() {
        var tasks = List.of(
                new TaskLoop.Task(
                        "unsure",
                        () -> {
                            if (broken.incrementAndGet() == 1)
                                throw new IllegalStateException("not even that is known");
                            return Optional.empty();
                        },
                        () -> {}),
                new TaskLoop.Task("sound", () -> Optional.of(Instant.MIN), sound::incrementAndGet));
        try (var loop = new TaskLoop("test", InstantSource.system(), tasks)) {
            loop.start();
            await().until(() -> sound.get() > 3);
        }
    }

    @Test
    void a_closed_loop_does_nothing_more() {
        var loop = new TaskLoop(
                "test",
                InstantSource.system(),
                List.of(new TaskLoop.Task("sound", () -> Optional.of(Instant.MIN), sound::incrementAndGet)));
        loop.start();
        await().until(() -> sound.get() > 3);
        loop.close();
        loop.runDueTasks();
        int then = sound.get();
        loop.runDueTasks();
        assertThat(sound.get()).isEqualTo(then);
    }

    /** Ten calls are one read, and the budget regains one call a second: tried at each, the read would never end. */
    @Test
    void F07_a_read_of_many_calls_ends_though_each_denial_begins_it_anew() {
        var clock = new SettableClock(Instant.parse("2026-11-29T00:00:00Z"));
        var began = clock.instant();
        var spent = new AtomicInteger();
        var task = new TaskLoop.Task("ten calls", () -> Optional.of(Instant.MIN), () -> {
            for (int call = 0; call < 10; call++) {
                if (spent.get() >= Duration.between(began, clock.instant()).toSeconds())
                    throw new CloudException.RateLimited(
                            new CloudException.Detail("budget", "none left", ""), Duration.ofSeconds(1));
                spent.incrementAndGet();
            }
            sound.incrementAndGet();
        });
        try (var loop = new TaskLoop("test", clock, List.of(task))) {
            for (int second = 0; second < 120 && sound.get() == 0; second++) {
                loop.runDueTasks();
                clock.pass(Duration.ofSeconds(1));
            }
        }
        assertThat(sound).hasValue(1);
    }
}
