package dev.anchorhold.operator.journal;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Receipt;
import dev.anchorhold.ledger.event.Receipt.Outcome;
import dev.anchorhold.ledger.event.Receipt.Reason;
import dev.anchorhold.ledger.event.Receipt.Refusal;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Brings all objects' journals to the books: many in one call, each in its order, at least once. It remembers what is delivered only
 * while the process lives; the journals in etcd are the truth, and what is brought again changes nothing. When the books
 * cannot be reached all wait, ever longer; what they refuse of one object delays no other. No exception ends it (F29).
 */
public final class Courier implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    static final Pace WHEN_NOBODY_ANSWERS = new Pace(Duration.ofMillis(250), Duration.ofSeconds(10));
    static final Pace WHEN_REFUSED = new Pace(Duration.ofSeconds(5), Duration.ofMinutes(5));

    private final Function<Delivery, Receipt> books;
    private final Listener listener;
    private final MeterRegistry metrics;
    private final Pace whenNobodyAnswers;
    private final Pace whenRefused;

    private final Parcels parcels = new Parcels();
    private volatile Optional<String> outage = Optional.empty();
    private int failures;
    private Thread thread;

    /** Hears of what somebody waits for. Must return soon. */
    public interface Listener {
        /** The books have the object's end. */
        void ended(String uid);

        /** The books refuse what is told of the object; told once for each reason. */
        void refused(String uid, String why);
    }

    public Courier(BooksClient books, Listener listener, InstantSource clock, MeterRegistry metrics) {
        this(books::deliver, listener, clock, metrics, WHEN_NOBODY_ANSWERS, WHEN_REFUSED);
    }

    Courier(
            Function<Delivery, Receipt> books,
            Listener listener,
            InstantSource clock,
            MeterRegistry metrics,
            Pace whenNobodyAnswers,
            Pace whenRefused) {
        this.books = books;
        this.listener = listener;
        this.metrics = metrics;
        this.whenNobodyAnswers = whenNobodyAnswers;
        this.whenRefused = whenRefused;
        Gauge.builder("anchorhold.journal.undelivered", parcels, Parcels::undelivered)
                .description("journal entries that the books have not confirmed")
                .register(metrics);
        Gauge.builder("anchorhold.journal.oldest.seconds", parcels, it -> it.ageOfOldest(clock.instant()))
                .description("how long ago the oldest of them happened")
                .register(metrics);
    }

    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("courier to the books").start(this::run);
        }
    }

    /** Takes what stands in the object's status now; what it holds already costs nothing. */
    void offer(String uid, long newest, Supplier<Journal> journal) {
        parcels.put(uid, newest, journal).ifPresent(why -> {
            count("unreadable");
            listener.refused(uid, why);
        });
    }

    Standing standing(String uid) {
        return parcels.state(uid)
                .map(p -> new Standing(p.delivered(), p.refusal().or(() -> outage)))
                .orElse(Standing.NEW);
    }

    void forget(String uid) {
        parcels.forget(uid);
    }

    private void run() {
        boolean open = true;
        while (open) {
            try {
                open = turn();
            } catch (InterruptedException _) {
                // closed, or a stray interrupt: the next turn tells
            }
        }
    }

    /** False when closed. */
    private boolean turn() throws InterruptedException {
        var load = parcels.next();
        if (load.isEmpty()) {
            return false;
        }
        try {
            bring(load);
            answered();
        } catch (CloudException e) {
            pause(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the books could not be told", e);
            pause("an error of the operator's own (" + e.getClass().getSimpleName() + ")");
        }
        return true;
    }

    /** What the books refuse as a whole is halved until it is known of which object they speak. */
    private void bring(List<Journal> load) {
        try {
            settle(load, books.apply(new Delivery(load)));
        } catch (CloudException.Invalid e) {
            if (load.size() == 1) {
                refused(load.getFirst().subject().uid(), "invalid", e.getMessage());
                return;
            }
            bring(load.subList(0, load.size() / 2));
            bring(load.subList(load.size() / 2, load.size()));
        }
    }

    private void settle(List<Journal> load, Receipt receipt) {
        var outcomes = receipt.outcomes().stream().collect(Collectors.toMap(Outcome::uid, o -> o, (a, _) -> a));
        for (var journal : load) {
            String uid = journal.subject().uid();
            var outcome = outcomes.get(uid);
            long last = journal.entries().getLast().sequence();
            if (outcome != null && outcome.refusal() != null) {
                refused(uid, outcome.recorded(), outcome.refusal());
            } else if (outcome == null || outcome.recorded() < last) {
                refused(uid, "incomplete", "the books did not say what became of it");
            } else {
                recorded(uid, last);
            }
        }
    }

    /** What they may have beyond what was brought is not of this journal: its next entry shows that. */
    private void recorded(String uid, long last) {
        count("recorded");
        if (parcels.delivered(uid, last)) {
            listener.ended(uid);
        }
    }

    private void refused(String uid, long recorded, Refusal refusal) {
        boolean goesOn = refusal.reason() == Reason.GAP && parcels.backTo(uid, recorded);
        if (!goesOn) {
            refused(uid, refusal.reason().name().toLowerCase(Locale.ROOT), refusal.detail());
        }
    }

    private void refused(String uid, String outcome, String why) {
        count(outcome);
        if (parcels.refused(uid, why, whenRefused)) {
            LOG.warnf("the books refuse what became of %s (%s): %s", uid, outcome, why);
            listener.refused(uid, why);
        }
    }

    private void answered() {
        if (failures > 0) {
            LOG.info("the books answer again");
        }
        failures = 0;
        outage = Optional.empty();
    }

    private void pause(String why) throws InterruptedException {
        count("no_answer");
        if (failures == 0) {
            LOG.warnf("the books cannot be told, which delays the end of deletions and nothing else: %s", why);
        }
        outage = Optional.of(why);
        parcels.pause(whenNobodyAnswers.after(failures++));
    }

    private void count(String outcome) {
        metrics.counter("anchorhold.journal.deliveries", "outcome", outcome).increment();
    }

    @Override
    public synchronized void close() {
        parcels.close();
        if (thread != null) {
            thread.interrupt();
        }
    }
}
