package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.HELD;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.backoff.FailureBackoff.Failure;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One desired aspect of an object with its state and the steps to meet it: what a decider is made of. A need that is
 * not met ends the chain, so the order of needs is the behaviour.
 *
 * @param met whether the next need is checked
 * @param steps what to do now, safe to repeat after any crash
 * @param rescheduleAfter when to reconcile again without any event; absent when an event will come
 */
public record Need<S>(
        boolean met,
        Condition.Status status,
        String reason,
        String message,
        List<S> steps,
        Optional<Duration> rescheduleAfter) {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String HOLD = "held by the annotation " + ApiNames.PAUSED + ": ";

    public static <S> Need<S> met(String reason, String message) {
        return new Need<>(true, Condition.Status.True, reason, message, List.of(), Optional.empty());
    }

    /** Something is to be done. */
    @SafeVarargs
    public static <S> Need<S> act(String reason, String message, S... steps) {
        return new Need<>(false, Condition.Status.False, reason, message, List.of(steps), Optional.empty());
    }

    /** Met as far as the chain goes, but there is something to tidy beside it. */
    @SafeVarargs
    public static <S> Need<S> metWith(String reason, String message, S... steps) {
        return new Need<>(true, Condition.Status.True, reason, message, List.of(steps), Optional.empty());
    }

    /** Something is under way; an event or the time will show. */
    public static <S> Need<S> waitFor(String reason, String message, Duration rescheduleAfter) {
        return new Need<>(false, Condition.Status.False, reason, message, List.of(), Optional.of(rescheduleAfter));
    }

    /** Nothing can be done now. */
    public static <S> Need<S> blocked(String reason, String message, Duration rescheduleAfter) {
        return waitFor(reason, message, rescheduleAfter);
    }

    /** Something is under way of which the cloud sends no event: it is polled at an interval. */
    @SafeVarargs
    public static <S> Need<S> poll(String reason, String message, Duration rescheduleAfter, S... steps) {
        return new Need<>(false, Condition.Status.False, reason, message, List.of(steps), Optional.of(rescheduleAfter));
    }

    /** Nobody knows how it stands. */
    public static <S> Need<S> unknown(String reason, String message, Duration rescheduleAfter) {
        return new Need<>(false, Condition.Status.Unknown, reason, message, List.of(), Optional.of(rescheduleAfter));
    }

    /**
     * Does it, unless it went wrong lately; then the condition says how.
     *
     * @param remedy what a person can do about it, to be put behind the error's own words; empty when nobody can
     */
    public static <S> Need<S> attempt(
            Optional<Failure> failure, String reason, String message, Function<CloudException, String> remedy, S step) {
        return failure.map(s -> Need.<S>blocked(
                        s.conditionReason(), message + ": " + s.error().getMessage() + remedy.apply(s.error()), SOON))
                .orElseGet(() -> act(reason, message, step));
    }

    /**
     * The need of an object that is held: its steps are kept back, but for those that only look, and it says so.
     */
    public Need<S> held(Predicate<S> onlyLooks) {
        var looks = steps.stream().filter(onlyLooks).toList();
        if (looks.size() == steps.size()) {
            return this;
        }
        return met
                ? new Need<>(true, status, reason, message, looks, rescheduleAfter)
                : new Need<>(
                        false, Condition.Status.False, HELD, HOLD + "not done: " + message, looks, rescheduleAfter);
    }

    /** The need of a held object that is being deleted. */
    public static <S> Need<S> heldDeletion() {
        return blocked(HELD, HOLD + "the deletion waits until that is removed", Plan.RESYNC_INTERVAL);
    }

    /** The same need, with each step as a kind names it. */
    public <T> Need<T> map(Function<S, T> name) {
        return new Need<>(met, status, reason, message, steps.stream().map(name).toList(), rescheduleAfter);
    }
}
