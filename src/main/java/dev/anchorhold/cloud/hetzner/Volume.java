package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.cloud.Ownership;
import java.time.Instant;
import java.util.Map;

/**
 * A volume as the cloud describes it (providers.md A.7). {@code size} in GiB, only ever growing; {@code server} is the one that it is attached
 * to, null for none; {@code linuxDevice} is the path by which that server's kernel knows it.
 */
public record Volume(
        long id,
        String name,
        Status status,
        Instant created,
        Long server,
        Server.Ref location,
        int size,
        String linuxDevice,
        Server.Protection protection,
        Map<String, String> labels) {

    public Volume {
        HetznerJson.requireId(id);
        name = name == null ? "" : name;
        status = status == null ? Status.UNKNOWN : status;
        linuxDevice = linuxDevice == null ? "" : linuxDevice;
        protection = protection == null ? Server.Protection.NONE : protection;
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }

    public enum Status {
        @JsonProperty("creating")
        CREATING,
        @JsonProperty("available")
        AVAILABLE,
        /** Every word that the cloud may add later. */
        @JsonEnumDefaultValue
        @JsonProperty("unknown")
        UNKNOWN
    }

    /** The UID of the resource that it serves; empty if it bears none. */
    public String uid() {
        return labels.getOrDefault(Ownership.UID, "");
    }

    /** The same volume once its labels are replaced by these. */
    public Volume withLabels(Map<String, String> others) {
        return new Volume(id, name, status, created, server, location, size, linuxDevice, protection, others);
    }

    /** Whether the cloud is still busy making it. */
    boolean changing() {
        return status != Status.AVAILABLE;
    }
}
