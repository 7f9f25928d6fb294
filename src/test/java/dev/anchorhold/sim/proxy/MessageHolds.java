package dev.anchorhold.sim.proxy;

import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** The messages that a proxy shall hold: rules by which it picks them, each good for one message. Thread-safe. */
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

    /** What holds this message, and no other after it. */
    Optional<Hold> take(T message) {
        return rules.stream()
                .filter(it -> it.which.test(message))
                .filter(rules::remove)
                .map(Rule::hold)
                .findFirst();
    }

    /** Waits for the test's word: whether the message goes on. */
    static boolean goesOn(Hold hold) {
        hold.arrived();
        return hold.goesOn();
    }

    /** Nothing is held any more. */
    void dropAll() {
        holds.forEach(Hold::drop);
    }
}
