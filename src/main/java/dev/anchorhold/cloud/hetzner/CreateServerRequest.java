package dev.anchorhold.cloud.hetzner;

import java.util.List;
import java.util.Map;

/**
 * The create call of a server (providers.md A.4). Both public addresses are asked for. {@code userData} is at most 32 KiB and can never be
 * read back; it appears in no message and no {@code toString}.
 */
public record CreateServerRequest(
        String name,
        String serverType,
        long image,
        String location,
        List<Long> sshKeys,
        List<Long> firewalls,
        List<Long> volumes,
        String userData,
        boolean startAfterCreate,
        Map<String, String> labels) {
    public CreateServerRequest {
        sshKeys = List.copyOf(sshKeys);
        firewalls = List.copyOf(firewalls);
        volumes = List.copyOf(volumes);
        labels = Map.copyOf(labels);
    }

    @Override
    public String toString() {
        return "CreateServerRequest[%s, %s, %s]".formatted(name, serverType, location);
    }
}
