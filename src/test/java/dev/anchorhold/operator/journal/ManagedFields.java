package dev.anchorhold.operator.journal;

import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** Builds {@code metadata.managedFields} entries, as the API server records them. */
public final class ManagedFields {
    private ManagedFields() {}

    public static ManagedFieldsEntry spec(String manager, Instant when, String... fields) {
        var it = new FieldsV1();
        it.setAdditionalProperty(
                "f:spec", Arrays.stream(fields).collect(Collectors.toMap(f -> "f:" + f, _ -> Map.of())));
        return entry(manager, when, it);
    }

    static ManagedFieldsEntry status(String manager, Instant when) {
        var it = new FieldsV1();
        it.setAdditionalProperty("f:status", Map.of("f:state", Map.of()));
        return entry(manager, when, it);
    }

    private static ManagedFieldsEntry entry(String manager, Instant when, FieldsV1 fields) {
        return new ManagedFieldsEntryBuilder()
                .withManager(manager)
                .withOperation("Apply")
                .withTime(when.truncatedTo(ChronoUnit.SECONDS).toString())
                .withFieldsV1(fields)
                .build();
    }
}
