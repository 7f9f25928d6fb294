package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which firewall is on which server, by name or by label selector, and what therefore passes (providers.md A.6). */
final class FirewallAttachments {
    private static final int MAX_PER_SERVER = 5;

    private final HetznerState hetznerState;

    FirewallAttachments(HetznerState hetznerState) {
        this.hetznerState = hetznerState;
        hetznerState.actions.on("apply_firewall", this::beginApply, this::completeApply);
        hetznerState.actions.on("remove_firewall", this::beginRemove, this::completeRemove);
    }

    /** The action, which is {@code pending} on the server until it ends. */
    HetznerRow.Action apply(HetznerRow.Firewall firewall, HetznerRow.Server server) {
        mark(firewall, server);
        return reapply(firewall, server.id);
    }

    HetznerRow.Action reapply(HetznerRow.Firewall firewall, long serverId) {
        return hetznerState.actions.start(firewall.project, "apply_firewall", targets(firewall.id, serverId));
    }

    static void refuseMoreThanAllowed(int firewalls) {
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
        hetznerState.hetznerTables.put(server);
    }

    HetznerRow.Action remove(HetznerRow.Firewall firewall, long serverId) {
        return hetznerState.actions.start(firewall.project, "remove_firewall", targets(firewall.id, serverId));
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
        hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, action.target("server"))
                .ifPresent(server -> {
                    var applied = on(server, action.target("firewall"));
                    if (applied != null) applied.status = "applied";
                    hetznerState.hetznerTables.put(server);
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
        hetznerState.hetznerTables.find(HetznerRow.Firewall.class, firewallId).ifPresent(firewall -> {
            firewall.servers.remove((Object) serverId);
            hetznerState.hetznerTables.put(firewall);
        });
        boolean matched = hetznerState
                .hetznerTables
                .find(HetznerRow.Firewall.class, firewallId)
                .map(FirewallAttachments::serversOf)
                .orElse(Stream.empty())
                .anyMatch(id -> id == serverId);
        if (matched) return;
        hetznerState.hetznerTables.find(HetznerRow.Server.class, serverId).ifPresent(server -> {
            server.firewalls.removeIf(applied -> applied.id == firewallId);
            hetznerState.hetznerTables.put(server);
        });
    }

    /** Tells the machine what may pass, as if the firewall {@code without} were gone already. */
    private CompletableFuture<Void> enforce(long serverId, long without) {
        return hetznerState
                .hetznerTables
                .find(HetznerRow.Server.class, serverId)
                .map(server -> {
                    var inbound = inbound(server, without);
                    return hetznerState.guestDispatcher.run(serverId, guest -> guest.applyFirewall(serverId, inbound));
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
        ids.forEach(id -> hetznerState
                .hetznerTables
                .find(HetznerRow.Firewall.class, id)
                .ifPresent(firewall -> rules.addAll(FirewallRules.inbound(firewall.rules))));
        return new GuestDriver.Inbound(false, rules);
    }

    /** Servers that the firewall is on, by any way. */
    static Stream<Long> serversOf(HetznerRow.Firewall firewall) {
        var ids = new LinkedHashSet<>(firewall.servers);
        firewall.selectors.forEach(use -> ids.addAll(use.matched));
        return ids.stream();
    }

    /** Selectors take effect within a few seconds of any change of labels, servers or selectors. */
    void selectorsChanged() {
        boolean any = hetznerState.hetznerTables.selectingFirewalls().findAny().isPresent();
        if (any) hetznerState.later(hetznerState.durations.of("selector_propagation"), this::matchSelectors);
    }

    void matchSelectors() {
        Map<Long, List<HetznerRow.Server>> servers = hetznerState
                .hetznerTables
                .all(HetznerRow.Server.class)
                .filter(server -> !server.status.equals("deleting"))
                .collect(Collectors.groupingBy(server -> server.project));
        hetznerState
                .hetznerTables
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
        hetznerState.hetznerTables.put(firewall);
        after.stream()
                .filter(id -> !before.contains(id))
                .forEach(id -> hetznerState
                        .hetznerTables
                        .find(HetznerRow.Server.class, id)
                        .ifPresent(server -> apply(firewall, server)));
        before.stream().filter(id -> !after.contains(id)).forEach(id -> remove(firewall, id));
    }

    /** A deleted server leaves its firewalls, at once or after the knob's lag. */
    void serverGone(HetznerRow.Server server) {
        if (hetznerState.knobs.firewallDetachLag.isZero()) forget(server.id);
        else hetznerState.later(hetznerState.knobs.firewallDetachLag, () -> forget(server.id));
    }

    private void forget(long serverId) {
        for (HetznerRow.Firewall firewall :
                hetznerState.hetznerTables.all(HetznerRow.Firewall.class).toList()) {
            boolean changed = firewall.servers.remove((Object) serverId);
            for (HetznerRow.SelectorUse use : firewall.selectors) changed |= use.matched.remove((Object) serverId);
            if (changed) hetznerState.hetznerTables.put(firewall);
        }
    }

    /** After a restart, references to servers that were deleted just before it are dropped. */
    void forgetTheDead() {
        hetznerState
                .hetznerTables
                .all(HetznerRow.Firewall.class)
                .flatMap(FirewallAttachments::serversOf)
                .distinct()
                .filter(id -> hetznerState
                        .hetznerTables
                        .find(HetznerRow.Server.class, id)
                        .isEmpty())
                .toList()
                .forEach(this::forget);
    }
}
