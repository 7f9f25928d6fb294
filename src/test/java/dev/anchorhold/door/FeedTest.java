package dev.anchorhold.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Guests;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The feed on a real database, with writers whose commits overtake each other. */
class FeedTest {
    private static final int AGENTS = 40;
    private static final int WRITERS = 8;
    private static final int CHANGES_EACH = 150;

    private final CompanionDatabase books = CompanionDatabase.fresh();
    private final Database database = new Database(books::asApplication);
    private final Deposits deposits = new Deposits(database, new Seal(List.of(new byte[32])), InstantSource.system());
    private final Feed feed = new Feed(database);

    @Test
    void a_reader_with_a_cursor_misses_no_change_however_commits_overtake_each_other() throws Exception {
        List<UUID> agents = Stream.generate(UUID::randomUUID).limit(AGENTS).toList();
        var over = new AtomicBoolean();
        Map<String, Long> seen;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Map<String, Long>> reader = threads.submit(() -> follow(over));
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int first = writer;
                writers.add(threads.submit(() -> write(agents, first)));
            }
            try {
                for (Future<?> writer : writers) {
                    writer.get();
                }
            } finally {
                over.set(true);
            }
            seen = reader.get();
        }

        assertThat(seen).hasSize(AGENTS);
        assertThat(feed.after(0, Duration.ZERO).guests())
                .hasSize(AGENTS)
                .allSatisfy(it -> assertThat(seen).containsEntry(it.agent(), it.settingsVersion()));
    }

    /** Every change is a new version of some agent's settings; some are made and thrown away again. */
    private Void write(List<UUID> agents, int first) {
        for (int i = 0; i < CHANGES_EACH; i++) {
            UUID agent = agents.get(ThreadLocalRandom.current().nextInt(AGENTS));
            long version = 1L + i * WRITERS + first;
            if (i % 10 == 0) {
                thrownAway(agent);
            } else {
                deposits.settings(agent, new GuestSettings(version, "t", false));
            }
        }
        return null;
    }

    private void thrownAway(UUID agent) {
        try {
            database.transaction(it -> {
                it.first(_ -> true, "SELECT FROM door.guest WHERE agent = ? FOR UPDATE", agent);
                Feed.changed(it, agent);
                throw new Refused();
            });
        } catch (Refused _) {
            // as meant
        }
    }

    private Map<String, Long> follow(AtomicBoolean over) throws InterruptedException {
        Map<String, Long> newest = new HashMap<>();
        long cursor = 0;
        while (true) {
            boolean last = over.get();
            Guests page = feed.after(cursor, Duration.ZERO);
            assertThat(page.cursor()).isGreaterThanOrEqualTo(cursor);
            page.guests().forEach(it -> newest.put(it.agent(), it.settingsVersion()));
            cursor = page.cursor();
            if (last && page.complete() && page.guests().isEmpty()) {
                return newest;
            }
        }
    }

    @Test
    void a_long_poll_ends_with_the_change_and_not_before() throws Exception {
        UUID agent = UUID.randomUUID();
        long cursor = feed.after(0, Duration.ZERO).cursor();
        var asked = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Guests> poll = () -> {
                asked.countDown();
                return feed.after(cursor, Duration.ofSeconds(60));
            };
            Future<Guests> answer = threads.submit(poll);
            asked.await();
            deposits.settings(agent, new GuestSettings(1, "t", false));
            assertThat(answer.get().guests()).extracting(Guest::agent).containsExactly(agent.toString());
        }
        assertThat(feed.after(cursor + 1, Duration.ofMillis(1))).isEqualTo(new Guests(cursor + 1, true, List.of()));
    }

    @Test
    void what_is_more_than_a_page_comes_in_pages() throws Exception {
        Stream.generate(UUID::randomUUID)
                .limit(505)
                .forEach(agent -> deposits.settings(agent, new GuestSettings(1, "t", false)));

        Guests first = feed.after(0, Duration.ZERO);
        Guests second = feed.after(first.cursor(), Duration.ZERO);

        assertThat(first).returns(500L, Guests::cursor).returns(false, Guests::complete);
        assertThat(second).returns(505L, Guests::cursor).returns(true, Guests::complete);
        assertThat(second.guests()).hasSize(5);
    }

    @Test
    void a_reader_whose_books_were_put_back_begins_anew() throws Exception {
        UUID agent = UUID.randomUUID();
        deposits.settings(agent, new GuestSettings(1, "t", false));
        Guests page = feed.after(1_000_000, Duration.ofSeconds(30));
        assertThat(page.cursor()).isEqualTo(1);
        assertThat(page.guests()).extracting(Guest::agent).containsExactly(agent.toString());
    }
}
