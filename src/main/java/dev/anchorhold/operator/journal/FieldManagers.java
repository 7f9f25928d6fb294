package dev.anchorhold.operator.journal;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads from {@code metadata.managedFields} which field manager wrote which field of an object's spec, and when. */
public final class FieldManagers {
    /** The operator's own name, under which it writes status and never a spec. */
    public static final String OPERATOR = "anchorhold-operator";

    private static final Comparator<FieldManager> OLDEST_FIRST = Comparator.comparing(FieldManager::changedAt);

    private FieldManagers() {}

    /** @param changedAt in whole seconds: when it last changed anything that it manages */
    public record FieldManager(String name, Instant changedAt) {}

    /** Who made the object: the first that wrote a spec. */
    public static Optional<FieldManager> creator(HasMetadata object) {
        return of(object, "f:spec").min(OLDEST_FIRST);
    }

    /** Who wrote this field of the spec last. */
    public static Optional<FieldManager> lastWriter(HasMetadata object, String field) {
        return of(object, "f:spec", "f:" + field).max(OLDEST_FIRST);
    }

    private static Stream<FieldManager> of(HasMetadata object, String... path) {
        return Optional.ofNullable(object.getMetadata().getManagedFields()).orElse(List.of()).stream()
                .filter(e -> e.getManager() != null && e.getTime() != null && e.getFieldsV1() != null)
                .filter(e -> !e.getManager().equals(OPERATOR)) // somebody bears its name
                .filter(e -> manages(e, path))
                .map(e -> new FieldManager(e.getManager(), Instant.parse(e.getTime())));
    }

    private static boolean manages(ManagedFieldsEntry entry, String... path) {
        Object at = entry.getFieldsV1().getAdditionalProperties();
        for (String step : path) {
            at = at instanceof Map<?, ?> fields ? fields.get(step) : null;
        }
        return Objects.nonNull(at);
    }
}
