package dev.anchorhold.sim.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Settings that make the simulation misbehave beyond single requests. Read and set under the state's lock; not stored.
 */
final class HetznerKnobs {
    record ActionFailure(String code, String message) {}

    /** How long label selectors do not see new objects and changed labels. */
    Duration labelIndexLag = Duration.ZERO;
    /** How long a deleted server stays in its firewalls' {@code applied_to}. */
    Duration firewallDetachLag = Duration.ZERO;
    /** Guests that do not react to the power button stay running after {@code shutdown}. */
    boolean guestsIgnoreShutdown;

    int serverLimit = Integer.MAX_VALUE;
    int firewallLimit = 50;
    int primaryIpLimit = Integer.MAX_VALUE;
    int volumeLimit = Integer.MAX_VALUE;

    private final Set<String> soldOut = new HashSet<>();
    private final Map<Long, Instant> lockedServers = new HashMap<>();
    private final Map<String, Integer> stuck = new HashMap<>();
    private final Map<String, Deque<ActionFailure>> failures = new HashMap<>();

    void reset() {
        labelIndexLag = Duration.ZERO;
        firewallDetachLag = Duration.ZERO;
        guestsIgnoreShutdown = false;
        soldOut.clear();
        lockedServers.clear();
        stuck.clear();
        failures.clear();
    }

    boolean available(String serverType, String location) {
        return !soldOut.contains(serverType + "@" + location)
                && !soldOut.contains("*@" + location)
                && !soldOut.contains(serverType + "@*");
    }

    /** Either may be {@code *}. */
    void setAvailable(String serverType, String location, boolean available) {
        String key = serverType + "@" + location;
        if (available) soldOut.remove(key);
        else soldOut.add(key);
    }

    List<String> soldOut() {
        return new ArrayList<>(soldOut);
    }

    /** The next {@code times} actions of the command end with this error. */
    void failActions(String command, int times, String code, String message) {
        var queue = failures.computeIfAbsent(command, _ -> new ArrayDeque<>());
        for (int i = 0; i < times; i++) queue.add(new ActionFailure(code, message));
    }

    /** Null when the action may succeed. */
    ActionFailure takeFailure(String command) {
        var queue = failures.get(command);
        return queue == null ? null : queue.poll();
    }

    void stickActions(String command, int times) {
        stuck.merge(command, times, Integer::sum);
    }

    boolean takeStuck(String command) {
        int left = stuck.getOrDefault(command, 0);
        if (left > 0) stuck.put(command, left - 1);
        return left > 0;
    }

    void lockServer(long id, Instant until) {
        lockedServers.put(id, until);
    }

    void unlockServer(long id) {
        lockedServers.remove(id);
    }

    boolean serverLocked(long id, Instant now) {
        Instant until = lockedServers.get(id);
        return until != null && now.isBefore(until);
    }
}
