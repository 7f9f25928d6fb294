package dev.anchorhold.operator.adoption;

import static dev.anchorhold.resource.Reasons.ADOPTING;
import static dev.anchorhold.resource.Reasons.ADOPTION_REFUSED;
import static dev.anchorhold.resource.Reasons.INVENTORY_STALE;
import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.operator.adoption.AdoptionObservation.Left;
import dev.anchorhold.operator.adoption.AdoptionStep.AskBooks;
import dev.anchorhold.operator.adoption.AdoptionStep.EndPredecessor;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Decides how far an adoption is: whether it may begin, what has yet to be taken over, and that it is complete. All of
 * it or nothing: it begins only when everything that the predecessor left is known and may be had, and until it is
 * complete nothing else is done for the object. Pure.
 */
public final class AdoptionNeeds {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final String NOTHING_TAKEN = "nothing is taken over: ";
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private AdoptionNeeds() {}

    /** @param toRecord the adoption as the object's status is to have it; the journal begins when it is complete */
    public record Result<S>(Need<S> need, Optional<Adoption> toRecord) {
        private static <S> Result<S> of(Need<S> need) {
            return new Result<>(need, Optional.empty());
        }
    }

    /**
     * @param attempt how the kind attempts a step that may have failed lately: by the reason, the message and the step
     * @param step the kind's own name for one of ours
     */
    public static <S> Result<S> next(
            AdoptionObservation<S> seen, Instant now, Attempt<S> attempt, Function<AdoptionStep, S> step) {
        if (seen.obstacle().isPresent()) {
            return refused(seen.obstacle().get());
        }
        var unknown = Stream.<Left<?>>concat(seen.left().stream(), seen.own().stream())
                .map(it -> (Sighting<?>) it.steps())
                .filter(Sighting.Unknown.class::isInstance)
                .findFirst();
        if (unknown.isPresent()) {
            return Result.of(Need.unknown(INVENTORY_STALE, ((Sighting.Unknown<?>) unknown.get()).reason(), LATER));
        }
        return seen.onRecord().isEmpty()
                ? begin(seen, now, attempt, step)
                : goOn(seen, seen.onRecord().get(), attempt, step);
    }

    /** As the kind's decider attempts its steps. */
    @FunctionalInterface
    public interface Attempt<S> {
        Need<S> attempt(String reason, String message, S step);
    }

    private static <S> Result<S> begin(
            AdoptionObservation<S> seen, Instant now, Attempt<S> attempt, Function<AdoptionStep, S> step) {
        var impossible = impossible(seen);
        if (impossible.isPresent()) {
            return refused(impossible.get());
        }
        if (seen.hasBooks() && seen.recorded().isEmpty()) {
            return Result.of(askBooks(seen, attempt, step));
        }
        if (seen.recorded().filter(it -> it.last() == null).isPresent()) {
            return Result.of(Need.poll( // nobody tells of a restored database
                    ADOPTION_REFUSED,
                    NOTHING_TAKEN
                            + "the books do not know it, so that nobody can tell whose it was; restore the companion's database first",
                    LATER,
                    step.apply(new AskBooks(seen.from(), true))));
        }
        var notOurs = seen.recorded().flatMap(it -> notTheSame(seen.wanted(), it));
        if (notOurs.isPresent()) {
            return refused(notOurs.get());
        }
        Optional<LedgerEntry> last = seen.recorded().map(it -> it.last());
        Instant at = last.map(LedgerEntry::at).filter(now::isBefore).orElse(now);
        var adoption = new Adoption(
                seen.from(),
                StatusJournal.format(at),
                last.map(LedgerEntry::state).map(Enum::name).orElse(null),
                null,
                false);
        return new Result<>(
                Need.waitFor(ADOPTING, "about to take over what %s left".formatted(seen.from()), Duration.ZERO),
                Optional.of(adoption));
    }

    private static Optional<String> impossible(AdoptionObservation<?> seen) {
        if (!UID.matcher(seen.from()).matches()) {
            return Optional.of("'%s' is no UID".formatted(seen.from()));
        }
        var own = seen.own().stream().flatMap(it -> steps(it).stream()).toList();
        if (!own.isEmpty()) {
            return Optional.of(
                    "this object has things of its own already (%s); delete it, and make it anew with the annotation"
                            .formatted(String.join(", ", own)));
        }
        var several = seen.left().stream()
                .filter(l -> l.single() && steps(l).size() > 1)
                .findFirst();
        if (several.isPresent()) {
            return Optional.of("several %ss bear that UID; delete those that you do not want in the cloud's console"
                    .formatted(several.get().what()));
        }
        return allSteps(seen).isEmpty()
                ? Optional.of(
                        "nothing of this installation's in the clouds of this object's account bears that UID, or not as a %s's"
                                .formatted(seen.wanted().kind()))
                : Optional.empty();
    }

    private static Optional<String> notTheSame(AdoptionObservation.Wanted wanted, RecordedResource recorded) {
        var subject = recorded.subject();
        if (!subject.kind().name().equals(wanted.kind())) {
            return Optional.of("it was a %s".formatted(subject.kind()));
        }
        if (!recorded.last().account().equals(wanted.account())) {
            return Optional.of("it belongs to another account than '%s'".formatted(wanted.account()));
        }
        boolean sameRegion = wanted.region() == null || wanted.region().equals(subject.region());
        boolean sameSize = wanted.size() == null || wanted.size().equals(subject.size());
        return sameRegion && sameSize
                ? Optional.empty()
                : Optional.of("it was of size '%s' in region '%s', and this object is to be of size '%s' in region '%s'"
                        .formatted(subject.size(), subject.region(), wanted.size(), wanted.region()));
    }

    private static <S> Result<S> goOn(
            AdoptionObservation<S> seen, Adoption adoption, Attempt<S> attempt, Function<AdoptionStep, S> step) {
        List<S> steps =
                Stream.concat(allSteps(seen).stream(), seen.further().stream()).toList();
        String message = "taking over what %s left".formatted(adoption.from());
        if (!steps.isEmpty()) {
            return Result.of(all(attempt, message, steps));
        }
        if (seen.hasBooks() && seen.recorded().isEmpty()) {
            return Result.of(askBooks(seen, attempt, step));
        }
        if (seen.hasBooks() && !isEnded(seen)) {
            return Result.of(seen.endDelivery()
                    .failure()
                    .map(why -> Need.poll(
                            JOURNAL_UNDELIVERED,
                            "the books do not take the end of %s: %s".formatted(adoption.from(), why),
                            LATER,
                            step.apply(new EndPredecessor(adoption.from()))))
                    .orElseGet(() -> Need.poll(
                            ADOPTING,
                            "telling the books that %s has ended".formatted(adoption.from()),
                            SOON,
                            step.apply(new EndPredecessor(adoption.from())))));
        }
        return new Result<>(
                Need.waitFor(ADOPTING, "took over what %s left".formatted(adoption.from()), Duration.ZERO),
                Optional.of(adoption.complete(seen.guestKept())));
    }

    private static boolean isEnded(AdoptionObservation<?> seen) {
        LedgerEntry last = seen.recorded().orElseThrow().last();
        return last == null
                || last.event() == EventType.DESTROY
                || seen.endDelivery().delivered() > last.sequence();
    }

    private static <S> Need<S> askBooks(
            AdoptionObservation<S> seen, Attempt<S> attempt, Function<AdoptionStep, S> step) {
        return attempt.attempt(
                ADOPTING,
                "asking the books whose %s was".formatted(seen.from()),
                step.apply(new AskBooks(seen.from(), false)));
    }

    private static <S> Need<S> all(Attempt<S> attempt, String message, List<S> steps) {
        return steps.stream()
                .map(it -> attempt.attempt(ADOPTING, message, it))
                .filter(it -> it.steps().isEmpty()) // it went wrong lately
                .findFirst()
                .orElseGet(
                        () -> new Need<>(false, Condition.Status.False, ADOPTING, message, steps, Optional.of(LATER)));
    }

    private static <S> List<S> allSteps(AdoptionObservation<S> seen) {
        return seen.left().stream().flatMap(l -> steps(l).stream()).toList();
    }

    private static <S> List<S> steps(Left<S> left) {
        return left.steps() instanceof Sighting.Seen<List<S>>(var all, var _) ? all : List.of();
    }

    private static <S> Result<S> refused(String why) {
        return Result.of(Need.blocked(ADOPTION_REFUSED, NOTHING_TAKEN + why, Plan.RESYNC_INTERVAL));
    }
}
