package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The restart policy, by a clock that the test turns. */
class SupervisedProcessTest {
    private Instant now = Instant.parse("2026-11-29T12:00:00Z");
    private Optional<String> ending = Optional.empty();
    private boolean startable = true;
    private final List<Instant> starts = new ArrayList<>();
    private final SupervisedProcess supervised = new SupervisedProcess(new Process(), now);

    private final class Process implements Restartable {
        @Override
        public String name() {
            return "some";
        }

        @Override
        public Optional<String> ending() {
            return ending;
        }

        @Override
        public void restart() {
            starts.add(now);
            if (!startable) {
                throw new WorldFailure("no such program");
            }
            ending = Optional.empty();
        }
    }

    @Test
    void one_that_runs_is_left_alone() {
        pass(Duration.ofHours(1));

        assertThat(starts).isEmpty();
        assertThat(supervised.history()).isEmpty();
    }

    @Test
    void the_delay_doubles_up_to_a_minute() {
        List<Duration> delays = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            delays.add(delayAfter("exit code 1"));
        }

        assertThat(delays.stream().map(Duration::toSeconds)).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void after_a_good_run_the_delay_is_short_again() {
        delayAfter("exit code 1");
        delayAfter("exit code 1");

        pass(SupervisedProcess.GOOD_RUN.minusSeconds(2));
        assertThat(delayAfter("exit code 1")).hasSeconds(4);
        pass(SupervisedProcess.GOOD_RUN);
        assertThat(delayAfter("exit code 1")).hasSeconds(1);
    }

    @Test
    void its_history_says_how_often_why_when_and_when_next() {
        delayAfter("exit code 1");
        assertThat(supervised.history().orElseThrow()).contains("some: restarts 1", "(exit code 1), runs again");

        ending = Optional.of("by signal 9 SIGKILL");
        supervised.tick(now);

        assertThat(supervised.history().orElseThrow())
                .contains("some: restarts 1", "by signal 9 SIGKILL")
                .matches(".*ended at \\d\\d:\\d\\d:\\d\\d .*, next try at \\d\\d:\\d\\d:\\d\\d");
    }

    @Test
    void one_that_cannot_even_be_started_is_tried_again_and_says_so() {
        startable = false;
        delayAfter("exit code 1");

        assertThat(supervised.history().orElseThrow()).contains("restarts 1", "no such program", "next try at");
        startable = true;
        pass(Duration.ofSeconds(2));
        assertThat(starts).hasSize(2);
        assertThat(supervised.history().orElseThrow()).contains("restarts 2", "runs again");
    }

    @Test
    void it_can_be_started_before_its_time() {
        ending = Optional.of("exit code 1");

        supervised.hasten(now);

        assertThat(starts).containsExactly(now);
        supervised.hasten(now);
        assertThat(starts).as("one that runs is left alone").hasSize(1);
    }

    /** Ends it, and tells how long it stays so. */
    private Duration delayAfter(String reason) {
        ending = Optional.of(reason);
        Instant ended = now;
        int before = starts.size();
        supervised.tick(now);
        while (starts.size() == before) {
            pass(Duration.ofSeconds(1));
        }
        return Duration.between(ended, starts.getLast());
    }

    private void pass(Duration time) {
        now = now.plus(time);
        supervised.tick(now);
    }
}
