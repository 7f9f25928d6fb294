package dev.anchorhold.operator.journal;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.DeliveryResult.Outcome;
import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.ledger.event.DeliveryResult.Refusal;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.operator.backoff.ExponentialBackoff;
import dev.anchorhold.platform.VitalThread;
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
 * Delivers all objects' journals to the companion's books, on one thread: batched, each in its order, at least once.
 * What is delivered is remembered only while the process lives; the journals in etcd are the truth, and delivering
 * again changes nothing. When the companion cannot be reached all wait, ever longer; what is refused of one object
 * delays no other. No exception ends it (F29).
 */
public final class JournalDispatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JournalDispatcher.class);
    static final ExponentialBackoff UNREACHABLE_BACKOFF =
            new ExponentialBackoff(Duration.ofMillis(250), Duration.ofSeconds(10));
    static final ExponentialBackoff REFUSAL_BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(5), Duration.ofMinutes(5));

    private final Function<Delivery, DeliveryResult> client;
    private final Function<String, RecordedResource> lookup;
    private final Listener listener;
    private final MeterRegistry metrics;
    private final ExponentialBackoff unreachableBackoff;
    private final ExponentialBackoff refusalBackoff;

    private final JournalOutbox outbox = new JournalOutbox();
    private volatile Optional<String> outage = Optional.empty();
    private int failures;
    private Thread thread;

    /** Called when a delivery ends that somebody waits for. Must return soon. */
    public interface Listener {
        /** The books have the object's end. */
        void destroyRecorded(String uid);

        /** The books refuse an entry of the object; called once for each reason. */
        void refused(String uid, String why);
    }

    public JournalDispatcher(JournalClient client, Listener listener, InstantSource clock, MeterRegistry metrics) {
        this(client::deliver, client::recorded, listener, clock, metrics, UNREACHABLE_BACKOFF, REFUSAL_BACKOFF);
    }

    JournalDispatcher(
            Function<Delivery, DeliveryResult> client,
            Function<String, RecordedResource> lookup,
            Listener listener,
            InstantSource clock,
            MeterRegistry metrics,
            ExponentialBackoff unreachableBackoff,
            ExponentialBackoff refusalBackoff) {
        this.client = client;
        this.lookup = lookup;
        this.listener = listener;
        this.metrics = metrics;
        this.unreachableBackoff = unreachableBackoff;
        this.refusalBackoff = refusalBackoff;
        Gauge.builder("anchorhold.journal.undelivered", outbox, JournalOutbox::undelivered)
                .description("journal entries that the books have not confirmed")
                .register(metrics);
        Gauge.builder("anchorhold.journal.lag.seconds", outbox, it -> it.ageOfOldest(clock.instant()))
                .description(
                        "how long ago the oldest entry happened that the books have not confirmed; 0 when there is none")
                .register(metrics);
    }

    public synchronized void start() {
        if (thread == null) {
            thread = VitalThread.start("journal-dispatcher", this::run);
        }
    }

    /** Takes what stands in the object's status now; what it holds already costs nothing. */
    void submit(String uid, long newest, Supplier<ResourceJournal> journal) {
        outbox.put(uid, newest, journal).ifPresent(why -> {
            count("unreadable");
            listener.refused(uid, why);
        });
    }

    DeliveryStatus deliveryStatus(String uid) {
        return outbox.progress(uid)
                .map(p -> new DeliveryStatus(p.delivered(), p.refusal().or(() -> outage)))
                .orElse(DeliveryStatus.NEW);
    }

    /** What the books have of it now: a call. */
    RecordedResource recorded(String uid) {
        return lookup.apply(uid);
    }

    void forget(String uid) {
        outbox.forget(uid);
    }

    private void run() {
        boolean open = true;
        while (open) {
            try {
                open = deliverNext();
            } catch (InterruptedException _) {
                // closed, or a stray interrupt: nextBatch shows which
            }
        }
    }

    /** False when closed. */
    private boolean deliverNext() throws InterruptedException {
        var batch = outbox.nextBatch();
        if (batch.isEmpty()) {
            return false;
        }
        try {
            deliver(batch);
            resetOutage();
        } catch (CloudException e) {
            pause(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("delivering journals failed", e);
            pause("an error of the operator's own (" + e.getClass().getSimpleName() + ")");
        }
        return true;
    }

    /** What the books refuse as a whole is halved until it is known of which object they speak. */
    private void deliver(List<ResourceJournal> batch) {
        try {
            recordOutcomes(batch, client.apply(new Delivery(batch)));
        } catch (CloudException.Invalid e) {
            if (batch.size() == 1) {
                refused(batch.getFirst().subject().uid(), "invalid", e.getMessage());
                return;
            }
            deliver(batch.subList(0, batch.size() / 2));
            deliver(batch.subList(batch.size() / 2, batch.size()));
        }
    }

    private void recordOutcomes(List<ResourceJournal> batch, DeliveryResult deliveryResult) {
        var outcomes = deliveryResult.outcomes().stream().collect(Collectors.toMap(Outcome::uid, o -> o, (a, _) -> a));
        for (var journal : batch) {
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

    /** What they may have beyond what was delivered is not of this journal: its next entry shows that. */
    private void recorded(String uid, long last) {
        count("recorded");
        if (outbox.markDelivered(uid, last)) {
            listener.destroyRecorded(uid);
        }
    }

    private void refused(String uid, long recorded, Refusal refusal) {
        boolean rewound = refusal.reason() == Reason.GAP && outbox.rewindTo(uid, recorded);
        if (!rewound) {
            refused(uid, refusal.reason().name().toLowerCase(Locale.ROOT), refusal.detail());
        }
    }

    private void refused(String uid, String outcome, String why) {
        count(outcome);
        if (outbox.markRefused(uid, why, refusalBackoff)) {
            LOG.warnf("the books refuse the journal of %s (%s): %s", uid, outcome, why);
            listener.refused(uid, why);
        }
    }

    private void resetOutage() {
        if (failures > 0) {
            LOG.info("journals are delivered again");
        }
        failures = 0;
        outage = Optional.empty();
    }

    private void pause(String why) throws InterruptedException {
        count("no_answer");
        if (failures == 0) {
            LOG.warnf("journals cannot be delivered, which delays the end of deletions and nothing else: %s", why);
        }
        outage = Optional.of(why);
        outbox.pause(unreachableBackoff.delayAfter(failures++));
    }

    private void count(String outcome) {
        metrics.counter("anchorhold.journal.deliveries", "outcome", outcome).increment();
    }

    @Override
    public synchronized void close() {
        outbox.close();
        if (thread != null) {
            thread.interrupt();
        }
    }
}
