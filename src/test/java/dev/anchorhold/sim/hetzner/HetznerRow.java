package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.CommitLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stored resource of the simulated Hetzner Cloud. Plain mutable data, changed only under the state's lock; Jackson
 * writes its fields to the commit log as they are, so a renamed field is lost from old files.
 */
abstract sealed class HetznerRow implements CommitLog.StoredRow {
    /** Unique across kinds and projects and never used again; Hetzner's ids are int64 below 2^53. */
    long id;

    long project;
    String name;
    Instant created;
    Map<String, String> labels = new LinkedHashMap<>();
    boolean deleteProtected;

    /** While the label index lags: what label selectors still see (null: nothing yet), and until when. */
    transient Map<String, String> indexedLabels;

    transient Instant indexedUntil;

    @Override
    public long number() {
        return id;
    }

    static final class Server extends HetznerRow {
        String status = "initializing";
        long serverType;
        long image;
        String location;
        Long ipv4;
        Long ipv6;
        List<AppliedFirewall> firewalls = new ArrayList<>();
        List<Long> volumes = new ArrayList<>();
        List<String> publicKeys = new ArrayList<>();
        String userData;
        int diskGb;
        /** Until when the next boot is the rescue system's; null when it is not. */
        Instant rescueUntil;

        boolean rebuildProtected;
        String backupWindow;
        Long placementGroup;
        /** When the guest will have shut down; null unless the power button was pressed. */
        Instant shutdownDue;
    }

    /** A firewall on a server, by name or by selector; {@code pending} until its rules are applied. */
    static final class AppliedFirewall {
        long id;
        String status = "pending";
    }

    static final class Firewall extends HetznerRow {
        List<Rule> rules = new ArrayList<>();
        List<Long> servers = new ArrayList<>();
        List<SelectorUse> selectors = new ArrayList<>();
    }

    /** A label selector that a firewall is applied to, and the servers it was last found to match. */
    static final class SelectorUse {
        String selector;
        List<Long> matched = new ArrayList<>();
    }

    static final class Rule {
        String direction;
        String protocol;
        String port;
        List<String> sourceIps = new ArrayList<>();
        List<String> destinationIps = new ArrayList<>();
        String description;
    }

    static final class Volume extends HetznerRow {
        int size;
        String location;
        String format;
        String status = "creating";
        Long server;
    }

    static final class SshKey extends HetznerRow {
        String publicKey;
        String fingerprint;
    }

    /** A snapshot or backup; system images are the catalogue's. */
    static final class Image extends HetznerRow {
        String type;
        String status = "creating";
        String description;
        long fromServer;
        String fromName;
        Long boundTo;
        int diskGb;
        String osFlavor;
        String osVersion;
        String architecture;
    }

    static final class PrimaryIp extends HetznerRow {
        String ip;
        String type;
        Long assignee;
        boolean autoDelete;
        String location;
        Map<String, String> dnsPtr = new LinkedHashMap<>();
    }

    static final class PlacementGroup extends HetznerRow {}

    static final class Action extends HetznerRow {
        String command;
        String status = "running";
        Instant started;
        Instant finished;
        /** When its time is over; null while it waits for the action {@link #after}. */
        Instant due;

        Instant begun;
        long millis;
        Long after;
        String errorCode;
        String errorMessage;
        /** Never ends until released by the console. */
        boolean stuck;

        List<Target> targets = new ArrayList<>();
        Map<String, String> arguments = new LinkedHashMap<>();

        boolean running() {
            return status.equals("running");
        }

        boolean on(String type, long targetId) {
            return targets.stream().anyMatch(t -> t.id == targetId && t.type.equals(type));
        }

        boolean on(String type) {
            return targets.stream().anyMatch(t -> t.type.equals(type));
        }

        long target(String type) {
            return targets.stream().filter(t -> t.type.equals(type)).findFirst().orElseThrow().id;
        }
    }

    static final class Target {
        String type;
        long id;

        static Target of(String type, long id) {
            var target = new Target();
            target.type = type;
            target.id = id;
            return target;
        }
    }
}
