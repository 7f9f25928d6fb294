package dev.anchorhold.operator.pipeline;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Narrows what bears a deleted object's labels to what the operator made for it: what is on record, or has the name that
 * follows from the UID. Whoever has the cloud's console can copy labels, or swap them between two machines; neither makes the
 * operator delete what somebody else may need.
 */
public final class DeletionTargets {
    private DeletionTargets() {}

    /**
     * What may be deleted; once nothing of it is left, why the rest is not.
     *
     * @param what a plain word for one of them, such as server
     * @param recorded ids that the object's status names
     * @param name that the operator gives
     */
    public static <T> Sighting<List<T>> of(
            Sighting<List<T>> sighting,
            String what,
            Set<Long> recorded,
            String name,
            Function<T, Long> id,
            Function<T, String> nameOf) {
        if (!(sighting instanceof Seen<List<T>>(var all, var asOf))) {
            return sighting;
        }
        var made = all.stream()
                .filter(it -> recorded.contains(id.apply(it)) || name.equals(nameOf.apply(it)))
                .toList();
        if (!made.isEmpty()) {
            return new Seen<>(made, asOf);
        }
        String strange = all.stream().map(it -> "" + id.apply(it)).collect(Collectors.joining(", "));
        return new Unknown<>(
                ("%s %s bears this object's labels, and the operator did not make it for this object: it is not deleted. Give it back its"
                                + " own labels, take these off, or delete it, in the cloud's console")
                        .formatted(what, strange),
                asOf);
    }
}
