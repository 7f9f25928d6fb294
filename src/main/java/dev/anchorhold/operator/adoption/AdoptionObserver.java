package dev.anchorhold.operator.adoption;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.adoption.AdoptionObservation.Left;
import dev.anchorhold.operator.adoption.AdoptionObservation.Wanted;
import dev.anchorhold.operator.adoption.AdoptionStep.*;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Builds the {@link AdoptionObservation} of an object that asks for an adoption, or has one under way, from the informer
 * caches and the inventories. Makes no call.
 */
public record AdoptionObserver(Fleet fleet, JournalSink journalSink, Predecessors predecessors) {

    /** The predecessor whose things are yet to be taken over; empty when none is asked for, or all is done. */
    public static Optional<String> pending(HasMetadata object, Adoption onRecord) {
        if (onRecord != null) {
            return onRecord.isCompleted() ? Optional.empty() : Optional.of(onRecord.from());
        }
        return Optional.ofNullable(object.getMetadata().getAnnotations()).map(it -> it.get(ApiNames.ADOPT_FROM));
    }

    public <S> AdoptionObservation<S> observe(
            HasMetadata object,
            String from,
            Adoption onRecord,
            Wanted wanted,
            List<Left<String>> own,
            List<Left<S>> left,
            List<S> further) {
        return new AdoptionObservation<>(
                wanted,
                from,
                Optional.ofNullable(onRecord),
                obstacle(object, from),
                own,
                left,
                further,
                predecessors.guestKept(from).orElse(null),
                journalSink.dispatcher().isPresent(),
                predecessors.recorded(from),
                journalSink.deliveryStatus(from).orElse(DeliveryStatus.NEW));
    }

    private Optional<String> obstacle(HasMetadata object, String from) {
        String own = object.getMetadata().getUid();
        return fleet.objectOf(from)
                .map(it -> "%s '%s' in namespace '%s' has that UID, and is still there"
                        .formatted(
                                it.getKind(),
                                it.getMetadata().getName(),
                                it.getMetadata().getNamespace()))
                .or(() -> fleet.adoptersOf(from)
                        .filter(it -> !it.getMetadata().getUid().equals(own))
                        .findFirst()
                        .map(it -> "%s '%s' in namespace '%s' asks for the same (annotation %s); remove one of the two"
                                .formatted(
                                        it.getKind(),
                                        it.getMetadata().getName(),
                                        it.getMetadata().getNamespace(),
                                        ApiNames.ADOPT_FROM)));
    }

    // ---- what the predecessor left, as far as it is of the object's kind

    public static <S> Left<S> servers(
            HetznerSession session, String kind, String from, Function<AdoptionStep, S> step) {
        return left(
                "server",
                true,
                session.inventory().servers(from, Set.of()),
                s -> isOf(kind, s.labels()),
                (Server s) -> step.apply(new TakeServer(s.id(), from)));
    }

    public static <S> Left<S> firewalls(
            HetznerSession session, String kind, String from, Function<AdoptionStep, S> step) {
        return left(
                "firewall",
                false,
                session.inventory().firewalls(from, Set.of()),
                f -> isOf(kind, f.labels()),
                (Firewall f) -> step.apply(new TakeFirewall(f.id(), from)));
    }

    public static <S> Left<S> volumes(
            HetznerSession session, String kind, String from, Function<AdoptionStep, S> step) {
        return left(
                "volume",
                true,
                session.inventory().volumes(from, Set.of()),
                v -> isOf(kind, v.labels()),
                (Volume v) -> step.apply(new TakeVolume(v.id(), from)));
    }

    public static <T, S> Left<S> left(
            String what, boolean single, Sighting<List<T>> seen, Predicate<T> fits, Function<T, S> step) {
        return new Left<>(
                what,
                single,
                switch (seen) {
                    case Sighting.Unknown<List<T>>(var reason, var since) -> new Sighting.Unknown<>(reason, since);
                    case Sighting.Absent<List<T>>(var asOf) -> new Sighting.Absent<>(asOf);
                    case Sighting.Seen<List<T>>(var all, var asOf) ->
                        new Sighting.Seen<>(all.stream().filter(fits).map(step).toList(), asOf);
                });
    }

    /** What the object itself has of that type. */
    public static <T> Left<String> own(String what, Sighting<List<T>> seen, Function<T, Object> id) {
        return left(what, true, seen, _ -> true, it -> what + " " + id.apply(it));
    }

    private static boolean isOf(String kind, Map<String, String> labels) {
        return kind.equals(labels.get(Ownership.KIND));
    }
}
