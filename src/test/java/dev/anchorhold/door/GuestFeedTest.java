package dev.anchorhold.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestPage;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guests' feed on a real database, with writers whose commits overtake each other. */
class GuestFeedTest {
    private static final int WRITERS = 8;
    private static final int CHANGES_EACH = 100;

    private final CompanionDatabase books = CompanionDatabase.fresh();
    private final Database database = new Database(books::asApplication);
    private final Deposits deposits =
            new Deposits(database, new SealingCipher(List.of(new byte[32])), InstantSource.system());
    private final GuestFeed feed = new GuestFeed(database);

    @Test
    void a_reader_with_a_cursor_misses_no_change_however_commits_overtake_each_other() throws Exception {
        var over = new AtomicBoolean();
        Set<String> written = new HashSet<>();
        Set<String> seen;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Set<String>> reader = threads.submit(() -> follow(over));
            List<Future<List<String>>> writers = Stream.generate(() -> threads.submit(this::write))
                    .limit(WRITERS)
                    .toList();
            try {
                for (Future<List<String>> writer : writers) {
                    written.addAll(writer.get());
                }
            } finally {
                over.set(true);
            }
            seen = reader.get();
        }
        assertThat(seen).isEqualTo(written).hasSize(WRITERS * CHANGES_EACH);
    }

    /** Each change is another agent's, so that none hides another; every tenth time one is thrown away. */
    private List<String> write() {
        List<String> agents = new ArrayList<>();
        for (int i = 0; i < CHANGES_EACH; i++) {
            UUID agent = UUID.randomUUID();
            deposits.settings(agent, new GuestSettings(1, "t", false));
            agents.add(agent.toString());
            if (i % 10 == 0) {
                throwAwayAnother(agent);
            }
        }
        return agents;
    }

    private void throwAwayAnother(UUID agent) {
        try {
            database.transaction(it -> {
                it.first(_ -> true, "SELECT FROM door.guest WHERE agent = ? FOR UPDATE", agent);
                GuestFeed.markChanged(it, agent);
                throw new GuestForbiddenException();
            });
        } catch (GuestForbiddenException _) {
            // as meant
        }
    }

    private Set<String> follow(AtomicBoolean over) throws InterruptedException {
        Set<String> agents = new HashSet<>();
        long cursor = 0;
        while (true) {
            boolean last = over.get();
            GuestPage page = feed.after(cursor, Duration.ZERO);
            assertThat(page.cursor()).isGreaterThanOrEqualTo(cursor);
            page.guests().forEach(it -> agents.add(it.agent()));
            cursor = page.cursor();
            if (last && page.complete() && page.guests().isEmpty()) {
                return agents;
            }
        }
    }

    @Test
    void a_long_poll_ends_with_the_change_and_not_before() throws Exception {
        UUID agent = UUID.randomUUID();
        long cursor = feed.after(0, Duration.ZERO).cursor();
        var started = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<GuestPage> poll = () -> {
                started.countDown();
                return feed.after(cursor, Duration.ofSeconds(60));
            };
            Future<GuestPage> answer = threads.submit(poll);
            started.await();
            deposits.settings(agent, new GuestSettings(1, "t", false));
            assertThat(answer.get().guests()).extracting(Guest::agent).containsExactly(agent.toString());
        }
        assertThat(feed.after(cursor + 1, Duration.ofMillis(1))).isEqualTo(new GuestPage(cursor + 1, true, List.of()));
    }

    @Test
    void what_is_more_than_a_page_comes_in_pages() throws Exception {
        database.transaction(it -> it.update(
                "INSERT INTO door.guest (agent, changed) SELECT gen_random_uuid(), n FROM generate_series(1, 505) n"));
        database.transaction(it -> it.update("UPDATE door.feed SET position = 505"));

        GuestPage first = feed.after(0, Duration.ZERO);
        GuestPage second = feed.after(first.cursor(), Duration.ZERO);

        assertThat(first).returns(500L, GuestPage::cursor).returns(false, GuestPage::complete);
        assertThat(second).returns(505L, GuestPage::cursor).returns(true, GuestPage::complete);
        assertThat(second.guests()).hasSize(5);
    }

    @Test
    void a_reader_whose_books_were_put_back_begins_anew() throws Exception {
        UUID agent = UUID.randomUUID();
        deposits.settings(agent, new GuestSettings(1, "t", false));
        GuestPage page = feed.after(1_000_000, Duration.ofSeconds(30));
        assertThat(page.cursor()).isEqualTo(1);
        assertThat(page.guests()).extracting(Guest::agent).containsExactly(agent.toString());
    }
}
