package dev.anchorhold.sim.proxy;

import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** The holds of a proxy: rules by which it picks the messages to hold, each good for one message. Thread-safe. */
final class MessageHolds<T> {
    private final List<Rule<T>> rules = new CopyOnWriteArrayList<>();
    private final List<Hold> holds = new CopyOnWriteArrayList<>();

    private record Rule<T>(Predicate<T> which, Hold hold) {}

    /** For the next such message, before the server gets it or when the server has answered it. */
    Hold add(Predicate<T> which, When when) {
        var hold = new Hold(when);
        rules.add(new Rule<>(which, hold));
        holds.add(hold);
        return hold;
    }

    /** The hold for this message, which is used up with it. */
    Optional<Hold> take(T message) {
        return rules.stream()
                .filter(it -> it.which.test(message))
                .filter(rules::remove)
                .map(Rule::hold)
                .findFirst();
    }

    /** Holds the message until the test releases or drops it: whether it is passed on. */
    static boolean awaitRelease(Hold hold) {
        hold.arrived();
        return hold.awaitRelease();
    }

    /** Nothing is held any more. */
    void dropAll() {
        holds.forEach(Hold::drop);
    }
}
