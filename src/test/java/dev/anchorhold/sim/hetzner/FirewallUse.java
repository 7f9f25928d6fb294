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
final class FirewallUse {
    private static final int MOST_PER_SERVER = 5;

    private final Cloud cloud;

    FirewallUse(Cloud cloud) {
        this.cloud = cloud;
        cloud.actions.on("apply_firewall", this::beginApply, this::completeApply);
        cloud.actions.on("remove_firewall", this::beginRemove, this::completeRemove);
    }

    /** The action, which is {@code pending} on the server until it ends. */
    Row.Action apply(Row.Firewall firewall, Row.Server server) {
        mark(firewall, server);
        return reapply(firewall, server.id);
    }

    Row.Action reapply(Row.Firewall firewall, long serverId) {
        return cloud.actions.start(firewall.project, "apply_firewall", targets(firewall.id, serverId));
    }

    static void refuseMoreThanAllowed(int firewalls) {
        if (firewalls > MOST_PER_SERVER) {
            throw ApiError.limit("firewalls_per_server_limit", "server has too many firewalls");
        }
    }

    /** Puts the firewall on the server's list, as pending. */
    void mark(Row.Firewall firewall, Row.Server server) {
        if (on(server, firewall.id) != null) return;
        var applied = new Row.AppliedFirewall();
        applied.id = firewall.id;
        server.firewalls.add(applied);
        cloud.store.put(server);
    }

    Row.Action remove(Row.Firewall firewall, long serverId) {
        return cloud.actions.start(firewall.project, "remove_firewall", targets(firewall.id, serverId));
    }

    private static List<Row.Target> targets(long firewall, long server) {
        return List.of(Row.Target.of("server", server), Row.Target.of("firewall", firewall));
    }

    private static Row.AppliedFirewall on(Row.Server server, long firewall) {
        return server.firewalls.stream()
                .filter(applied -> applied.id == firewall)
                .findFirst()
                .orElse(null);
    }

    private CompletableFuture<Void> beginApply(Row.Action action) {
        return action.on("server") ? enforce(action.target("server"), 0) : CompletableFuture.completedFuture(null);
    }

    private void completeApply(Row.Action action) {
        if (!action.on("server")) return;
        cloud.store.find(Row.Server.class, action.target("server")).ifPresent(server -> {
            var applied = on(server, action.target("firewall"));
            if (applied != null) applied.status = "applied";
            cloud.store.put(server);
        });
    }

    private CompletableFuture<Void> beginRemove(Row.Action action) {
        return action.on("server")
                ? enforce(action.target("server"), action.target("firewall"))
                : CompletableFuture.completedFuture(null);
    }

    private void completeRemove(Row.Action action) {
        if (!action.on("server")) return;
        long firewallId = action.target("firewall");
        long serverId = action.target("server");
        cloud.store.find(Row.Firewall.class, firewallId).ifPresent(firewall -> {
            firewall.servers.remove((Object) serverId);
            cloud.store.put(firewall);
        });
        boolean matched = cloud.store
                .find(Row.Firewall.class, firewallId)
                .map(FirewallUse::serversOf)
                .orElse(Stream.empty())
                .anyMatch(id -> id == serverId);
        if (matched) return;
        cloud.store.find(Row.Server.class, serverId).ifPresent(server -> {
            server.firewalls.removeIf(applied -> applied.id == firewallId);
            cloud.store.put(server);
        });
    }

    /** Tells the machine what may pass, as if the firewall {@code without} were gone already. */
    private CompletableFuture<Void> enforce(long serverId, long without) {
        return cloud.store
                .find(Row.Server.class, serverId)
                .map(server -> {
                    var inbound = inbound(server, without);
                    return cloud.guests.run(serverId, guest -> guest.applyFirewall(serverId, inbound));
                })
                .orElse(CompletableFuture.completedFuture(null));
    }

    GuestDriver.Inbound inbound(Row.Server server, long without) {
        var ids = server.firewalls.stream()
                .map(applied -> applied.id)
                .filter(id -> id != without)
                .toList();
        if (ids.isEmpty()) return GuestDriver.Inbound.OPEN;
        var rules = new ArrayList<GuestDriver.Rule>();
        ids.forEach(id -> cloud.store
                .find(Row.Firewall.class, id)
                .ifPresent(firewall -> rules.addAll(FirewallRules.inbound(firewall.rules))));
        return new GuestDriver.Inbound(false, rules);
    }

    /** Servers that the firewall is on, by any way. */
    static Stream<Long> serversOf(Row.Firewall firewall) {
        var ids = new LinkedHashSet<>(firewall.servers);
        firewall.selectors.forEach(use -> ids.addAll(use.matched));
        return ids.stream();
    }

    /** Selectors take effect within a few seconds of any change of labels, servers or selectors. */
    void selectorsChanged() {
        boolean any = cloud.store.selectingFirewalls().findAny().isPresent();
        if (any) cloud.later(cloud.durations.of("selector_propagation"), this::matchSelectors);
    }

    void matchSelectors() {
        Map<Long, List<Row.Server>> servers = cloud.store
                .all(Row.Server.class)
                .filter(server -> !server.status.equals("deleting"))
                .collect(Collectors.groupingBy(server -> server.project));
        cloud.store
                .selectingFirewalls()
                .toList()
                .forEach(firewall -> match(firewall, servers.getOrDefault(firewall.project, List.of())));
    }

    private void match(Row.Firewall firewall, List<Row.Server> servers) {
        var before = serversOf(firewall).toList();
        for (Row.SelectorUse use : firewall.selectors) {
            var selector = LabelSelector.parse(use.selector);
            use.matched = new ArrayList<>(servers.stream()
                    .filter(server -> selector.test(server.labels))
                    .map(server -> server.id)
                    .toList());
        }
        var after = serversOf(firewall).toList();
        if (after.equals(before)) return;
        cloud.store.put(firewall);
        after.stream()
                .filter(id -> !before.contains(id))
                .forEach(id -> cloud.store.find(Row.Server.class, id).ifPresent(server -> apply(firewall, server)));
        before.stream().filter(id -> !after.contains(id)).forEach(id -> remove(firewall, id));
    }

    /** A deleted server leaves its firewalls, at once or after the knob's lag. */
    void serverGone(Row.Server server) {
        if (cloud.knobs.firewallDetachLag.isZero()) forget(server.id);
        else cloud.later(cloud.knobs.firewallDetachLag, () -> forget(server.id));
    }

    private void forget(long serverId) {
        for (Row.Firewall firewall : cloud.store.all(Row.Firewall.class).toList()) {
            boolean changed = firewall.servers.remove((Object) serverId);
            for (Row.SelectorUse use : firewall.selectors) changed |= use.matched.remove((Object) serverId);
            if (changed) cloud.store.put(firewall);
        }
    }

    /** After a restart, references to servers that were deleted just before it are dropped. */
    void forgetTheDead() {
        cloud.store
                .all(Row.Firewall.class)
                .flatMap(FirewallUse::serversOf)
                .distinct()
                .filter(id -> cloud.store.find(Row.Server.class, id).isEmpty())
                .toList()
                .forEach(this::forget);
    }
}
