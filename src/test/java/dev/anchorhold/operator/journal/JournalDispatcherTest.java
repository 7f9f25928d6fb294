package dev.anchorhold.operator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.backoff.ExponentialBackoff;
import dev.anchorhold.operator.door.CompanionClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal dispatcher against a scripted companion: real HTTP, and whatever can go wrong with it. */
class JournalDispatcherTest {
    private static final Instant T = Instant.parse("2026-11-24T12:00:00Z");
    private static final ExponentialBackoff QUICK =
            new ExponentialBackoff(Duration.ofMillis(20), Duration.ofMillis(200));
    private static final ExponentialBackoff NEVER = new ExponentialBackoff(Duration.ofDays(1), Duration.ofDays(1));

    private final ScriptedLedger companion = new ScriptedLedger();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final Queue<String> ended = new ConcurrentLinkedQueue<>();
    private final Queue<String> refused = new ConcurrentLinkedQueue<>();
    private JournalClient client;
    private JournalDispatcher journalDispatcher;
    private JournalSink journalSink;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        var token = Files.writeString(folder.resolve("token"), "operator-token");
        client = new JournalClient(new CompanionClient(companion.uri(), token, new OkHttpClient()));
        begin(QUICK);
    }

    private void begin(ExponentialBackoff refusalBackoff) {
        metrics.clear();
        journalDispatcher = new JournalDispatcher(
                client::deliver,
                _ -> RecordedResource.NONE,
                new JournalDispatcher.Listener() {
                    @Override
                    public void destroyRecorded(String uid) {
                        ended.add(uid);
                    }

                    @Override
                    public void refused(String uid, String why) {
                        refused.add(uid + " " + why);
                    }
                },
                () -> T.plusSeconds(60),
                metrics,
                QUICK,
                refusalBackoff);
        journalSink = new JournalSink(Optional.of(journalDispatcher));
    }

    @AfterEach
    void close() {
        journalDispatcher.close();
        companion.close();
    }

    // ---- many objects

    @Test
    void a_thousand_objects_take_a_few_calls_over_one_connection() {
        IntStream.range(0, 1_000).forEach(_ -> offer(uid(), started()));
        journalDispatcher.start();
        waiting().until(() -> companion.recorded().size() == 1_000);
        IntStream.range(0, 1_000).forEach(_ -> offer(uid(), started()));
        waiting().until(() -> companion.recorded().size() == 2_000);
        waiting().until(() -> gauge("anchorhold.journal.undelivered") == 0);
        assertThat(companion.calls()).isLessThan(200);
        assertThat(companion.connections()).isEqualTo(1);
        assertThat(companion.tokens()).containsOnly("Bearer operator-token");
        assertThat(gauge("anchorhold.journal.lag.seconds")).isZero();
        assertThat(count("recorded")).isEqualTo(2_000);
    }

    @Test
    void no_call_has_more_entries_than_the_books_take_and_each_object_keeps_its_order() {
        var all = uids(40);
        all.forEach(uid -> offer(uid, ofLength(100)));
        journalDispatcher.start();
        all.forEach(uid -> waiting().until(() -> companion.sequence(uid) == 100));
        assertThat(companion.largestCall()).isEqualTo(1_000);
        assertThat(companion.calls()).isEqualTo(4);
        assertThat(companion.outOfOrder()).isEmpty();
    }

    @Test
    void what_comes_later_follows_what_came_before() {
        String uid = uid();
        journalDispatcher.start();
        offer(uid, started());
        waiting().until(() -> companion.sequence(uid) == 1);
        offer(uid, ofLength(2));
        waiting().until(() -> companion.sequence(uid) == 2);
        offer(uid, ofLength(3).destroy(T).withoutDelivered(2));
        waiting().until(() -> ended.contains(uid));
        assertThat(companion.sequence(uid)).isEqualTo(4);
        assertThat(journalSink.deliveryStatus(uid)).contains(new DeliveryStatus(4, Optional.empty()));
        assertThat(ended).containsExactly(uid);
    }

    // ---- what goes wrong on the way

    @Test
    void F39_a_lost_answer_brings_the_same_again_and_nothing_is_doubled_or_lost() {
        var all = uids(50);
        companion.loseAnswers(3);
        journalDispatcher.start();
        all.forEach(uid -> offer(uid, ofLength(3)));
        all.forEach(uid -> waiting().until(() -> delivered(uid) == 3));
        assertThat(companion.recorded()).hasSize(150).doesNotHaveDuplicates();
    }

    @Test
    void while_nobody_answers_it_tries_ever_more_rarely_and_goes_on_by_itself() {
        String uid = uid();
        companion.fail(503);
        offer(uid, started());
        journalDispatcher.start();
        waiting().until(() -> count("no_answer") >= 3);
        assertThat(failure(uid).orElseThrow()).contains("503");
        assertThat(gauge("anchorhold.journal.undelivered")).isEqualTo(1);
        assertThat(gauge("anchorhold.journal.lag.seconds")).isEqualTo(60);
        companion.fail(0);
        waiting().until(() -> delivered(uid) == 1 && failure(uid).isEmpty());
    }

    @Test
    void each_wait_is_twice_the_one_before_up_to_a_limit() {
        var exponentialBackoff = new ExponentialBackoff(Duration.ofMillis(250), Duration.ofSeconds(10));
        assertThat(exponentialBackoff.delayAfter(0)).hasMillis(250);
        assertThat(exponentialBackoff.delayAfter(2)).hasSeconds(1);
        assertThat(exponentialBackoff.delayAfter(1_000)).hasSeconds(10);
    }

    @Test
    void a_companion_that_keeps_no_books_yet_is_like_one_that_does_not_answer() {
        String uid = uid();
        companion.fail(404);
        journalDispatcher.start();
        offer(uid, started());
        waiting().until(() -> failure(uid).isPresent());
        companion.fail(0);
        waiting().until(() -> companion.sequence(uid) == 1);
    }

    @Test
    void garbage_for_an_answer_is_no_answer() {
        String uid = uid();
        companion.answerOnce("<html>a proxy</html>");
        companion.answerOnce("{}");
        companion.answerOnce("{\"outcomes\": []}");
        journalDispatcher.start();
        offer(uid, started());
        waiting().until(() -> delivered(uid) == 1);
    }

    // ---- what the books refuse

    @Test
    void what_is_refused_of_one_object_delays_no_other() {
        journalDispatcher.close();
        begin(NEVER);
        String bad = uid();
        companion.refuse(bad, Reason.FORK, "entry 1 is another one here");
        journalDispatcher.start();
        offer(bad, started());
        waiting().until(() -> failure(bad).isPresent());
        var good = uids(20);
        good.forEach(uid -> offer(uid, ofLength(5)));
        good.forEach(uid -> waiting().until(() -> delivered(uid) == 5));
        assertThat(journalSink.deliveryStatus(bad))
                .contains(new DeliveryStatus(0, Optional.of("entry 1 is another one here")));
        assertThat(refused).containsExactly(bad + " entry 1 is another one here");
        assertThat(count("fork")).isEqualTo(1);
        assertThat(gauge("anchorhold.journal.undelivered")).isEqualTo(1);
    }

    @Test
    void what_is_refused_is_tried_again_and_reported_once() {
        String bad = uid();
        companion.refuse(bad, Reason.CONTRADICTION, "time runs backwards");
        journalDispatcher.start();
        offer(bad, started());
        waiting().until(() -> count("contradiction") >= 4);
        assertThat(refused).hasSize(1);
        companion.accept(bad);
        waiting().until(() -> delivered(bad) == 1 && failure(bad).isEmpty());
    }

    @Test
    void a_gap_is_filled_from_what_the_journal_still_has() {
        String uid = uid();
        journalDispatcher.start();
        offer(uid, ofLength(3));
        waiting().until(() -> delivered(uid) == 3);
        companion.sequence(uid, 1);
        offer(uid, ofLength(4));
        waiting().until(() -> companion.sequence(uid) == 4);
        assertThat(refused).isEmpty();
        assertThat(companion.outOfOrder()).isEmpty();
    }

    @Test
    void a_gap_that_nobody_can_fill_stays_refused_and_says_so() {
        String uid = uid();
        journalDispatcher.start();
        offer(uid, ofLength(4).withoutDelivered(4));
        waiting().until(() -> failure(uid).isPresent());
        waiting().until(() -> count("gap") >= 2);
        assertThat(refused).hasSize(1);
    }

    @Test
    void a_message_that_is_refused_as_a_whole_is_halved_until_the_culprit_is_found() {
        var good = uids(30);
        String poison = uid();
        companion.poison(poison);
        good.subList(0, 15).forEach(uid -> offer(uid, started()));
        offer(poison, started());
        good.subList(15, 30).forEach(uid -> offer(uid, started()));
        journalDispatcher.start();
        good.forEach(uid -> waiting().until(() -> delivered(uid) == 1));
        waiting().until(() -> failure(poison).isPresent());
        assertThat(count("invalid")).isPositive();
    }

    @Test
    void a_journal_that_no_operator_wrote_harms_nobody_else() {
        String bad = uid();
        String good = uid();
        journalDispatcher.start();
        var torn = new StatusJournal(
                List.of(ofLength(3).entries().getFirst(), ofLength(3).entries().getLast()));
        offer(bad, torn);
        offer(bad, torn);
        offer(good, started());
        waiting().until(() -> delivered(good) == 1);
        assertThat(refused).singleElement().asString().contains("status.journal");
        assertThat(failure(bad)).isPresent();
    }

    @Test
    void books_that_know_more_than_the_journal_contradict_its_next_entry_aloud() {
        String uid = uid();
        companion.sequence(uid, 5);
        journalDispatcher.start();
        offer(uid, started());
        waiting().until(() -> delivered(uid) == 1);
        companion.refuse(uid, Reason.FORK, "two histories");
        offer(uid, ofLength(2));
        waiting().until(() -> failure(uid).equals(Optional.of("two histories")));
    }

    @Test
    void H13_a_refusal_heals_at_once_when_its_cause_does() {
        journalDispatcher.close();
        begin(new ExponentialBackoff(Duration.ofHours(1), Duration.ofHours(1)));
        String uid = uid();
        companion.refuse(uid, Reason.CONTRADICTION, "region and size are fixed");
        journalDispatcher.start();
        offer(uid, started(), "large");
        waiting().until(() -> failure(uid).isPresent());
        companion.accept(uid);
        offer(uid, started(), "large");
        assertThat(delivered(uid)).as("nothing has changed, so it waits").isZero();
        offer(uid, started(), "small");
        waiting().until(() -> delivered(uid) == 1);
        assertThat(failure(uid)).isEmpty();

        String odd = uid();
        offer(odd, started(), null);
        waiting().until(() -> failure(odd).isPresent());
        offer(odd, started(), null);
        offer(odd, started(), "small");
        waiting().until(() -> delivered(odd) == 1);
        assertThat(refused.stream().filter(it -> it.startsWith(odd))).hasSize(1);
    }

    // ---- who begins anew

    @Test
    void after_a_restart_everything_on_record_is_brought_again_and_changes_nothing() {
        var all = uids(100);
        journalDispatcher.start();
        all.forEach(uid -> offer(uid, ofLength(3)));
        all.forEach(uid -> waiting().until(() -> delivered(uid) == 3));
        journalDispatcher.close();
        begin(QUICK);
        journalDispatcher.start();
        all.forEach(uid -> offer(uid, ofLength(3).destroy(T).withoutDelivered(2)));
        waiting().until(() -> ended.size() == 100);
        assertThat(companion.recorded()).hasSize(400).doesNotHaveDuplicates();
        assertThat(refused).isEmpty();
    }

    @Test
    void what_is_forgotten_is_brought_no_more() {
        String uid = uid();
        companion.fail(503);
        journalDispatcher.start();
        offer(uid, started());
        journalSink.forget(uid);
        assertThat(gauge("anchorhold.journal.undelivered")).isZero();
        assertThat(journalSink.deliveryStatus(uid)).contains(DeliveryStatus.NEW);
    }

    // ----

    private static String uid() {
        return UUID.randomUUID().toString();
    }

    private static List<String> uids(int count) {
        return IntStream.range(0, count).mapToObj(_ -> uid()).toList();
    }

    private static StatusJournal started() {
        return ofLength(1);
    }

    private static StatusJournal ofLength(int entries) {
        StatusJournal it = new StatusJournal(List.of()).provision(T, State.Running, "acme", "kubectl");
        while (it.entries().size() < entries) {
            it = it.state().orElseThrow() == State.Running ? it.stop(T, State.Paused, null) : it.start(T, null);
        }
        return it;
    }

    private void offer(String uid, StatusJournal journal) {
        offer(uid, journal, "small");
    }

    private void offer(String uid, StatusJournal journal, String size) {
        journalSink.submit(uid, journal, () -> new Subject(Kind.Agent, uid, "default", "coder", "eu", size));
    }

    private long delivered(String uid) {
        return journalSink.deliveryStatus(uid).orElseThrow().delivered();
    }

    private Optional<String> failure(String uid) {
        return journalSink.deliveryStatus(uid).orElseThrow().failure();
    }

    private double gauge(String name) {
        return metrics.get(name).gauge().value();
    }

    private double count(String outcome) {
        var counter = metrics.find("anchorhold.journal.deliveries")
                .tag("outcome", outcome)
                .counter();
        return counter == null ? 0 : counter.count();
    }

    private static ConditionFactory waiting() {
        return await().pollInterval(Duration.ofMillis(10));
    }
}
