package dev.anchorhold.sim.hetzner;

import java.util.Set;

/** While an action holds a server, others are refused with {@code 423 locked} (providers.md A.4, A.7). */
final class ServerLocks {
    /** Actions that touch a server without holding it. */
    private static final Set<String> SHARED = Set.of("apply_firewall", "remove_firewall");

    /** A server can be deleted while it is being made. */
    private static final Set<String> DELETABLE = Set.of("create_server", "start_server");

    private final HetznerState hetznerState;

    ServerLocks(HetznerState hetznerState) {
        this.hetznerState = hetznerState;
    }

    boolean held(HetznerRow.Server server) {
        return hetznerState.knobs.serverLocked(server.id, hetznerState.now())
                || hetznerState.actions.runningOn(server.id).anyMatch(a -> !SHARED.contains(a.command));
    }

    void refuseIfHeld(HetznerRow.Server server) {
        if (held(server)) throw HetznerApiError.locked("server");
    }

    void refuseDeletionIfHeld(HetznerRow.Server server) {
        boolean held = hetznerState.knobs.serverLocked(server.id, hetznerState.now())
                || hetznerState
                        .actions
                        .runningOn(server.id)
                        .anyMatch(a -> !SHARED.contains(a.command) && !DELETABLE.contains(a.command));
        if (held) throw HetznerApiError.locked("server");
    }
}
