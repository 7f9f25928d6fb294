package dev.anchorhold.sim.hetzner;

import java.util.Set;

/**
 * Checks the locks of servers: while an action holds one, others are refused with {@code 423 locked} (providers.md
 * A.4, A.7).
 */
final class ServerLocks {
    /** Actions that touch a server without holding it. */
    private static final Set<String> SHARED = Set.of("apply_firewall", "remove_firewall");

    /** A server can be deleted while it is being made. */
    private static final Set<String> DELETABLE = Set.of("create_server", "start_server");

    private final HetznerState state;

    ServerLocks(HetznerState state) {
        this.state = state;
    }

    boolean held(HetznerRow.Server server) {
        return state.knobs.serverLocked(server.id, state.now())
                || state.actions.runningOn(server.id).anyMatch(a -> !SHARED.contains(a.command));
    }

    void checkUnlocked(HetznerRow.Server server) {
        if (held(server)) throw HetznerApiError.locked("server");
    }

    void checkDeletable(HetznerRow.Server server) {
        boolean held = state.knobs.serverLocked(server.id, state.now())
                || state.actions
                        .runningOn(server.id)
                        .anyMatch(a -> !SHARED.contains(a.command) && !DELETABLE.contains(a.command));
        if (held) throw HetznerApiError.locked("server");
    }
}
