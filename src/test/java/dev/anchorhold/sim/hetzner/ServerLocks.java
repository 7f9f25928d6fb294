package dev.anchorhold.sim.hetzner;

import java.util.Set;

/** While an action holds a server, others are refused with {@code 423 locked} (providers.md A.4, A.7). */
final class ServerLocks {
    /** Actions that touch a server without holding it. */
    private static final Set<String> SHARED = Set.of("apply_firewall", "remove_firewall");

    /** A server can be deleted while it is being made. */
    private static final Set<String> DELETABLE = Set.of("create_server", "start_server");

    private final Cloud cloud;

    ServerLocks(Cloud cloud) {
        this.cloud = cloud;
    }

    boolean held(Row.Server server) {
        return cloud.knobs.serverLocked(server.id, cloud.now())
                || cloud.actions.runningOn(server.id).anyMatch(a -> !SHARED.contains(a.command));
    }

    void refuseIfHeld(Row.Server server) {
        if (held(server)) throw ApiError.locked("server");
    }

    void refuseDeletionIfHeld(Row.Server server) {
        boolean held = cloud.knobs.serverLocked(server.id, cloud.now())
                || cloud.actions
                        .runningOn(server.id)
                        .anyMatch(a -> !SHARED.contains(a.command) && !DELETABLE.contains(a.command));
        if (held) throw ApiError.locked("server");
    }
}
