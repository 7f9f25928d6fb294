package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.resource.ServerAsMade;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds what somebody changed of a server in the cloud and nothing puts right (docs/concepts.md, "What drifts"). Pure.
 * What a server never has of ours, such as a backup window, is drift as soon as it is there; the rest is compared with
 * what the server was when it was complete.
 */
public final class ServerDrift {
    /** Commands that leave no trace in the server: what others did by them is remembered. None of them is ours. */
    static final Map<String, String> TRACELESS = new TreeMap<>(Map.of(
            "rebuild_server", "it was rebuilt, and its disk overwritten",
            "reset_password", "its root password was reset",
            "create_image", "an image of its disk was made",
            "request_console", "its console was opened"));

    private ServerDrift() {}

    /**
     * What it is compared with from now on.
     *
     * @param before what it was compared with so far, null for nothing
     * @param knownType the type by which status knew it before there was such a record, null if it did not
     * @param complete whether all that its creation started has succeeded
     */
    public static ServerAsMade asMade(ServerObservation seen, ServerAsMade before, String knownType, boolean complete) {
        Server server = seen.server().orElse(null);
        if (server == null) {
            return before;
        }
        if (before != null && Long.valueOf(server.id()).equals(before.serverId())) {
            var done = done(seen, server, before);
            return done.equals(before.done())
                    ? before
                    : new ServerAsMade(
                            before.serverId(),
                            before.serverType(),
                            before.imageId(),
                            before.ipv4(),
                            before.ipv6(),
                            done);
        }
        return complete
                ? new ServerAsMade(
                        server.id(),
                        knownType != null ? knownType : name(server.serverType()),
                        server.image() == null ? null : server.image().id(),
                        server.ipv4().orElse(null),
                        server.ipv6().orElse(null),
                        Map.of())
                : before;
    }

    /** What was done to an earlier server of the same object is over with that server. */
    private static Map<String, String> done(ServerObservation seen, Server server, ServerAsMade before) {
        var done = new TreeMap<>(before.done());
        for (String command : TRACELESS.keySet()) {
            seen.finished(command)
                    .filter(at -> !at.isBefore(server.created()))
                    .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString())
                    .ifPresent(at -> done.merge(command, at, (a, b) -> a.compareTo(b) > 0 ? a : b));
        }
        return done;
    }

    /**
     * In words, in an order of its own.
     *
     * @param ownVolumes the ids of the volumes that it has of ours
     */
    public static List<String> of(Server server, ServerAsMade made, String wantedName, Set<Long> ownVolumes) {
        var drift = new ArrayList<String>();
        if (made != null && Long.valueOf(server.id()).equals(made.serverId())) {
            sinceMade(server, made, drift);
        }
        if (!server.name().equals(wantedName)) {
            drift.add("its name is '%s', no longer '%s'".formatted(server.name(), wantedName));
        }
        standing(server, ownVolumes, drift);
        return drift;
    }

    private static void sinceMade(Server server, ServerAsMade made, List<String> drift) {
        String type = name(server.serverType());
        if (made.serverType() != null && !made.serverType().equals(type)) {
            drift.add("its type is %s, and was %s as it was made".formatted(type, made.serverType()));
        }
        if (made.imageId() != null && server.image() != null && server.image().id() != made.imageId()) {
            drift.add("it was rebuilt from image %d ('%s')"
                    .formatted(server.image().id(), server.image().name()));
        }
        address("IPv4", made.ipv4(), server.ipv4()).ifPresent(drift::add);
        address("IPv6", made.ipv6(), server.ipv6()).ifPresent(drift::add);
        made.done().keySet().stream()
                .filter(TRACELESS::containsKey)
                .sorted()
                .forEach(command -> drift.add(
                        "%s at %s".formatted(TRACELESS.get(command), made.done().get(command))));
    }

    private static Optional<String> address(String kind, String made, Optional<String> now) {
        return Objects.equals(made, now.orElse(null))
                ? Optional.empty()
                : Optional.of("its %s address is %s, and was %s"
                        .formatted(kind, now.orElse("gone"), Objects.requireNonNullElse(made, "none")));
    }

    /** What nothing of ours ever has. */
    private static void standing(Server server, Set<Long> ownVolumes, List<String> drift) {
        if (server.rescueEnabled()) {
            drift.add("its next boot is the rescue system's");
        }
        if (server.backupWindow() != null) {
            drift.add("backups of its disk are made, which Hetzner charges for");
        }
        if (server.protection().delete() || server.protection().rebuild()) {
            drift.add("it is protected against deletion or rebuilding");
        }
        if (server.iso() != null) {
            drift.add("ISO '%s' is in its drive".formatted(server.iso().name()));
        }
        if (server.placementGroup() != null) {
            drift.add("it is in placement group '%s'"
                    .formatted(server.placementGroup().name()));
        }
        list(
                "it is in private network",
                server.privateNet().stream().map(Server.PrivateNet::network).toList(),
                drift);
        list("it has floating IP", server.publicNet().floatingIps(), drift);
        list("it is a target of load balancer", server.loadBalancers(), drift);
        list(
                "it has volume",
                server.volumes().stream().filter(v -> !ownVolumes.contains(v)).toList(),
                drift);
        if (reverseDnsChanged(server)) {
            drift.add("its reverse DNS was changed");
        }
    }

    private static void list(String what, List<Long> ids, List<String> drift) {
        if (!ids.isEmpty()) {
            drift.add(what + " " + ids.stream().sorted().map(String::valueOf).collect(Collectors.joining(", ")));
        }
    }

    /** Hetzner's own name of an IPv4 address begins with the address backwards; an IPv6 address has none. */
    private static boolean reverseDnsChanged(Server server) {
        var ipv4 = server.publicNet().ipv4();
        var ipv6 = server.publicNet().ipv6();
        return ipv4 != null
                        && ipv4.dnsPtr() instanceof String name
                        && !name.isEmpty()
                        && !name.startsWith("static." + backwards(ipv4.ip()) + ".")
                || ipv6 != null && ipv6.dnsPtr() instanceof List<?> names && !names.isEmpty();
    }

    private static String backwards(String ipv4) {
        var parts = new ArrayList<>(List.of(ipv4.split("\\.")));
        return String.join(".", parts.reversed());
    }

    private static String name(Server.Ref ref) {
        return ref == null ? null : ref.name();
    }
}
