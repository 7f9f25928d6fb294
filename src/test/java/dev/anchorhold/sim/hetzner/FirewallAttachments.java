package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which firewall is on which server, by id or by label selector, and the inbound rules that result (providers.md A.6).
 */
final class FirewallAttachments {
    private static final int MAX_PER_SERVER = 5;

    private final HetznerState state;

    FirewallAttachments(HetznerState state) {
        this.state = state;
        state.actions.on("apply_firewall", this::beginApply, this::completeApply);
        state.actions.on("remove_firewall", this::beginRemove, this::completeRemove);
    }

    /** Starts the action; the firewall is {@code pending} on the server until it ends. */
    HetznerRow.Action apply(HetznerRow.Firewall firewall, HetznerRow.Server server) {
        mark(firewall, server);
        return reapply(firewall, server.id);
    }

    HetznerRow.Action reapply(HetznerRow.Firewall firewall, long serverId) {
        return state.actions.start(firewall.project, "apply_firewall", targets(firewall.id, serverId));
    }

    static void checkLimit(int firewalls) {
        if (firewalls > MAX_PER_SERVER) {
            throw HetznerApiError.limit("firewalls_per_server_limit", "server has too many firewalls");
        }
    }

    /** Puts the firewall on the server's list, as pending. */
    void mark(HetznerRow.Firewall firewall, HetznerRow.Server server) {
        if (on(server, firewall.id) != null) return;
        var applied = new HetznerRow.AppliedFirewall();
        applied.id = firewall.id;
        server.firewalls.add(applied);
        state.tables.put(server);
    }

    HetznerRow.Action remove(HetznerRow.Firewall firewall, long serverId) {
        return state.actions.start(firewall.project, "remove_firewall", targets(firewall.id, serverId));
    }

    private static List<HetznerRow.Target> targets(long firewall, long server) {
        return List.of(HetznerRow.Target.of("server", server), HetznerRow.Target.of("firewall", firewall));
    }

    private static HetznerRow.AppliedFirewall on(HetznerRow.Server server, long firewall) {
        return server.firewalls.stream()
                .filter(applied -> applied.id == firewall)
                .findFirst()
                .orElse(null);
    }

    private CompletableFuture<Void> beginApply(HetznerRow.Action action) {
        return action.on("server") ? enforce(action.target("server"), 0) : CompletableFuture.completedFuture(null);
    }

    private void completeApply(HetznerRow.Action action) {
        if (!action.on("server")) return;
        state.tables.find(HetznerRow.Server.class, action.target("server")).ifPresent(server -> {
            var applied = on(server, action.target("firewall"));
            if (applied != null) applied.status = "applied";
            state.tables.put(server);
        });
    }

    private CompletableFuture<Void> beginRemove(HetznerRow.Action action) {
        return action.on("server")
                ? enforce(action.target("server"), action.target("firewall"))
                : CompletableFuture.completedFuture(null);
    }

    private void completeRemove(HetznerRow.Action action) {
        if (!action.on("server")) return;
        long firewallId = action.target("firewall");
        long serverId = action.target("server");
        state.tables.find(HetznerRow.Firewall.class, firewallId).ifPresent(firewall -> {
            firewall.servers.remove((Object) serverId);
            state.tables.put(firewall);
        });
        boolean matched = state.tables
                .find(HetznerRow.Firewall.class, firewallId)
                .map(FirewallAttachments::serversOf)
                .orElse(Stream.empty())
                .anyMatch(id -> id == serverId);
        if (matched) return;
        state.tables.find(HetznerRow.Server.class, serverId).ifPresent(server -> {
            server.firewalls.removeIf(applied -> applied.id == firewallId);
            state.tables.put(server);
        });
    }

    /** Applies the rules to the machine, as if the firewall {@code without} were removed already. */
    private CompletableFuture<Void> enforce(long serverId, long without) {
        return state.tables
                .find(HetznerRow.Server.class, serverId)
                .map(server -> {
                    var inbound = inbound(server, without);
                    return state.guests.run(serverId, guest -> guest.applyFirewall(serverId, inbound));
                })
                .orElse(CompletableFuture.completedFuture(null));
    }

    GuestDriver.Inbound inbound(HetznerRow.Server server, long without) {
        var ids = server.firewalls.stream()
                .map(applied -> applied.id)
                .filter(id -> id != without)
                .toList();
        if (ids.isEmpty()) return GuestDriver.Inbound.OPEN;
        var rules = new ArrayList<GuestDriver.Rule>();
        ids.forEach(id -> state.tables
                .find(HetznerRow.Firewall.class, id)
                .ifPresent(firewall -> rules.addAll(FirewallRules.inbound(firewall.rules))));
        return new GuestDriver.Inbound(false, rules);
    }

    /** Servers that the firewall is on, by id or by selector. */
    static Stream<Long> serversOf(HetznerRow.Firewall firewall) {
        var ids = new LinkedHashSet<>(firewall.servers);
        firewall.selectors.forEach(use -> ids.addAll(use.matched));
        return ids.stream();
    }

    /** Selectors take effect within a few seconds of any change of labels, servers or selectors. */
    void selectorsChanged() {
        boolean any = state.tables.selectingFirewalls().findAny().isPresent();
        if (any) state.later(state.durations.of("selector_propagation"), this::matchSelectors);
    }

    void matchSelectors() {
        Map<Long, List<HetznerRow.Server>> servers = state.tables
                .all(HetznerRow.Server.class)
                .filter(server -> !server.status.equals("deleting"))
                .collect(Collectors.groupingBy(server -> server.project));
        state.tables
                .selectingFirewalls()
                .toList()
                .forEach(firewall -> match(firewall, servers.getOrDefault(firewall.project, List.of())));
    }

    private void match(HetznerRow.Firewall firewall, List<HetznerRow.Server> servers) {
        var before = serversOf(firewall).toList();
        for (HetznerRow.SelectorUse use : firewall.selectors) {
            var selector = LabelSelector.parse(use.selector);
            use.matched = new ArrayList<>(servers.stream()
                    .filter(server -> selector.test(server.labels))
                    .map(server -> server.id)
                    .toList());
        }
        var after = serversOf(firewall).toList();
        if (after.equals(before)) return;
        state.tables.put(firewall);
        after.stream()
                .filter(id -> !before.contains(id))
                .forEach(id ->
                        state.tables.find(HetznerRow.Server.class, id).ifPresent(server -> apply(firewall, server)));
        before.stream().filter(id -> !after.contains(id)).forEach(id -> remove(firewall, id));
    }

    /** Removes a deleted server from its firewalls, at once or after the knob's lag. */
    void serverDeleted(HetznerRow.Server server) {
        if (state.knobs.firewallDetachLag.isZero()) forget(server.id);
        else state.later(state.knobs.firewallDetachLag, () -> forget(server.id));
    }

    private void forget(long serverId) {
        for (HetznerRow.Firewall firewall :
                state.tables.all(HetznerRow.Firewall.class).toList()) {
            boolean changed = firewall.servers.remove((Object) serverId);
            for (HetznerRow.SelectorUse use : firewall.selectors) changed |= use.matched.remove((Object) serverId);
            if (changed) state.tables.put(firewall);
        }
    }

    /** After a restart, references to servers that were deleted just before it are dropped. */
    void forgetDeletedServers() {
        state.tables
                .all(HetznerRow.Firewall.class)
                .flatMap(FirewallAttachments::serversOf)
                .distinct()
                .filter(id -> state.tables.find(HetznerRow.Server.class, id).isEmpty())
                .toList()
                .forEach(this::forget);
    }
}
