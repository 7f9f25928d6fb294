package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.ledger.event.Subject;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What reconcilers give journals to: the dispatcher, or nothing in an installation without a companion, which keeps no
 * journals.
 */
public record JournalSink(Optional<JournalDispatcher> dispatcher) implements AutoCloseable {
    public static final JournalSink NONE = new JournalSink(Optional.empty());

    /** Empty where there are no books. */
    public Optional<DeliveryStatus> deliveryStatus(String uid) {
        return dispatcher.map(c -> c.deliveryStatus(uid));
    }

    /** What stands in the object's status, once it stands there. What is on its way already costs nothing. */
    public void submit(String uid, StatusJournal journal, Supplier<Subject> subject) {
        dispatcher.ifPresent(c -> journal.last()
                .ifPresent(newest -> c.submit(
                        uid,
                        newest.sequence(),
                        () -> new dev.anchorhold.ledger.event.ResourceJournal(
                                subject.get(), journal.toLedgerEntries()))));
    }

    /** What the books have of it now: a call. Empty where there are no books. */
    public Optional<RecordedResource> recorded(String uid) {
        return dispatcher.map(c -> c.recorded(uid));
    }

    public void forget(String uid) {
        dispatcher.ifPresent(c -> c.forget(uid));
    }

    public void start() {
        dispatcher.ifPresent(JournalDispatcher::start);
    }

    @Override
    public void close() {
        dispatcher.ifPresent(JournalDispatcher::close);
    }
}
