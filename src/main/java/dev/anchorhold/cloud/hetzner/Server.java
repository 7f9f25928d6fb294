package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.cloud.Ownership;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server as the cloud describes it (providers.md A.4), read tolerantly: what is missing or null is empty here. */
public record Server(
        long id,
        String name,
        Status status,
        Instant created,
        PublicNet publicNet,
        Ref serverType,
        Ref location,
        Ref image,
        boolean locked,
        Protection protection,
        Map<String, String> labels,
        List<Long> volumes,
        boolean rescueEnabled,
        String backupWindow,
        Ref iso,
        Ref placementGroup,
        List<PrivateNet> privateNet,
        List<Long> loadBalancers) {

    public Server {
        HetznerJson.requireId(id);
        name = name == null ? "" : name;
        status = status == null ? Status.UNKNOWN : status;
        publicNet = publicNet == null ? new PublicNet(null, null, null, null) : publicNet;
        protection = protection == null ? Protection.NONE : protection;
        labels = labels == null ? Map.of() : Map.copyOf(labels);
        volumes = volumes == null ? List.of() : List.copyOf(volumes);
        privateNet = privateNet == null ? List.of() : List.copyOf(privateNet);
        loadBalancers = loadBalancers == null ? List.of() : List.copyOf(loadBalancers);
    }

    public enum Status {
        @JsonProperty("initializing")
        INITIALIZING,
        @JsonProperty("starting")
        STARTING,
        @JsonProperty("running")
        RUNNING,
        @JsonProperty("stopping")
        STOPPING,
        @JsonProperty("off")
        OFF,
        @JsonProperty("deleting")
        DELETING,
        @JsonProperty("rebuilding")
        REBUILDING,
        @JsonProperty("migrating")
        MIGRATING,
        /** What the cloud calls unknown, and every word that it may add later. */
        @JsonEnumDefaultValue
        @JsonProperty("unknown")
        UNKNOWN
    }

    /** A thing named within another. */
    public record Ref(long id, String name) {}

    /** {@code rebuild} is only there for servers. */
    public record Protection(boolean delete, boolean rebuild) {
        public static final Protection NONE = new Protection(false, false);
    }

    /**
     * {@code ip} is an address for IPv4, a /64 network for IPv6; {@code dnsPtr} a name for IPv4, for IPv6 a list of the
     * addresses that have one.
     */
    public record PublicIp(long id, String ip, Object dnsPtr) {}

    /** A private network that it is in. */
    public record PrivateNet(long network, String ip) {}

    /** A firewall on the server; {@code status} is {@code pending} until it is enforced, then {@code applied}. */
    public record Attached(long id, String status) {
        public boolean applied() {
            return "applied".equals(status);
        }
    }

    public record PublicNet(PublicIp ipv4, PublicIp ipv6, List<Attached> firewalls, List<Long> floatingIps) {
        public PublicNet {
            firewalls = firewalls == null ? List.of() : List.copyOf(firewalls);
            floatingIps = floatingIps == null ? List.of() : List.copyOf(floatingIps);
        }
    }

    /** The UID of the resource that it serves; empty if it bears none. */
    public String uid() {
        return labels.getOrDefault(Ownership.UID, "");
    }

    public Optional<String> ipv4() {
        return address(publicNet.ipv4);
    }

    /** The first usable address of the server's /64: the network's own plus one. */
    public Optional<String> ipv6() {
        return address(publicNet.ipv6).flatMap(IpNetwork::parse).map(IpNetwork::firstHost);
    }

    public List<Attached> firewalls() {
        return publicNet.firewalls;
    }

    /** Whether it is on its way into another state, or the cloud is still busy with it. */
    boolean changing() {
        return switch (status) {
            case RUNNING, OFF -> locked || publicNet.firewalls.stream().anyMatch(attached -> !attached.applied());
            case INITIALIZING, STARTING, STOPPING, DELETING, REBUILDING, MIGRATING, UNKNOWN -> true;
        };
    }

    /** The same server as it is from the moment when its deletion was accepted. */
    Server deleting() {
        return with(Status.DELETING, labels);
    }

    /** The same server once its labels are replaced by these. */
    public Server withLabels(Map<String, String> others) {
        return with(status, others);
    }

    private Server with(Status other, Map<String, String> others) {
        return new Server(
                id,
                name,
                other,
                created,
                publicNet,
                serverType,
                location,
                image,
                locked,
                protection,
                others,
                volumes,
                rescueEnabled,
                backupWindow,
                iso,
                placementGroup,
                privateNet,
                loadBalancers);
    }

    private static Optional<String> address(PublicIp ip) {
        return Optional.ofNullable(ip).map(PublicIp::ip).filter(text -> !text.isBlank());
    }
}
