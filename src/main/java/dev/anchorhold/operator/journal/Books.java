package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.Subject;
import java.util.Optional;
import java.util.function.Supplier;

/** The books, as reconcilers see them; none in an installation without a companion, which keeps no journals. */
public record Books(Optional<Courier> courier) implements AutoCloseable {
    public static final Books NONE = new Books(Optional.empty());

    /** Empty where there are no books. */
    public Optional<Standing> standing(String uid) {
        return courier.map(c -> c.standing(uid));
    }

    /** What stands in the object's status, once it stands there. What is on its way already costs nothing. */
    public void offer(String uid, Journal journal, Supplier<Subject> subject) {
        courier.ifPresent(c -> journal.last()
                .ifPresent(newest -> c.offer(
                        uid,
                        newest.sequence(),
                        () -> new dev.anchorhold.ledger.event.Journal(subject.get(), journal.forTheBooks()))));
    }

    public void forget(String uid) {
        courier.ifPresent(c -> c.forget(uid));
    }

    public void start() {
        courier.ifPresent(Courier::start);
    }

    @Override
    public void close() {
        courier.ifPresent(Courier::close);
    }
}
