package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * A driver with simulated Agents' guests: each authenticates at the real door with the token of its user data,
 * connects its tunnel, and reports, over real HTTP, as the guest program does. For fleets, and for failures that a
 * real guest would not show at will.
 */
public final class ScriptedGuests implements GuestDriver {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Long, ScriptedGuest> guests = new ConcurrentHashMap<>();
    private final Map<Long, Set<Long>> volumes = new ConcurrentHashMap<>();
    private final Map<Long, String> documents = new ConcurrentHashMap<>();
    private final Map<Long, Inbound> firewalls = new ConcurrentHashMap<>();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(
            4, Thread.ofPlatform().daemon().name("scripted-guest-", 0).factory());
    private final Function<String, AutoCloseable> edge;
    private final Duration interval;
    private final GuestKeys keys;
    private volatile boolean mute;

    /**
     * @param edge connects a tunnel by its token; what it returns is closed when the guest goes off
     * @param interval between two reports
     */
    public ScriptedGuests(Function<String, AutoCloseable> edge, Duration interval) {
        this(edge, interval, Optional.empty());
    }

    /** @param disks the folder in which the guests' keys outlive this process, as the simulator's servers do; empty when they need not */
    public ScriptedGuests(Function<String, AutoCloseable> edge, Duration interval, Optional<Path> disks) {
        this.edge = edge;
        this.interval = interval;
        this.keys = new GuestKeys(disks);
    }

    /** While it is set, machines that start do not run their user data, and do not authenticate. */
    public void mute(boolean mute) {
        this.mute = mute;
    }

    public Optional<ScriptedGuest> guest(long serverId) {
        return Optional.ofNullable(guests.get(serverId));
    }

    /** The user data of each server there ever was. */
    public Map<Long, String> documents() {
        return documents;
    }

    public Optional<Inbound> firewall(long serverId) {
        return Optional.ofNullable(firewalls.get(serverId));
    }

    @Override
    public void create(Machine machine) {
        machine.userData().ifPresent(it -> documents.put(machine.serverId(), it));
        machine.userData()
                .flatMap(ScriptedGuests::settings)
                .ifPresent(it -> guests.computeIfAbsent(
                        machine.serverId(),
                        id -> new ScriptedGuest(
                                it, () -> volumes.getOrDefault(id, Set.of()), edge, clock, interval, keys.of(id))));
    }

    /** The settings that the document writes into the machine; empty when it is no Agent's. */
    private static Optional<ScriptedGuest.Settings> settings(String userData) {
        if (!userData.contains("/etc/anchorhold/guest.json")) {
            return Optional.empty();
        }
        try {
            JsonNode document = JSON.readTree(userData.substring(userData.indexOf('{')));
            JsonNode guest = JSON.readTree(file(document, "/etc/anchorhold/guest.json"));
            return Optional.of(new ScriptedGuest.Settings(
                    guest.path("agent").asText(),
                    guest.path("door").asText(),
                    file(document, "/etc/anchorhold/bootstrap-token").strip()));
        } catch (IOException e) {
            throw new GuestFailure("the document cannot be read", e);
        }
    }

    private static String file(JsonNode document, String path) {
        for (JsonNode file : document.path("write_files")) {
            if (file.path("path").asText().equals(path)) {
                return file.path("content").asText();
            }
        }
        throw new GuestFailure("the document writes no " + path, null);
    }

    @Override
    public void start(long serverId) {
        if (!mute) {
            guest(serverId).ifPresent(ScriptedGuest::boot);
        }
    }

    @Override
    public void stop(long serverId, boolean graceful) {
        guest(serverId).ifPresent(ScriptedGuest::off);
    }

    @Override
    public void reboot(long serverId, boolean graceful) {
        stop(serverId, graceful);
        start(serverId);
    }

    @Override
    public void destroy(long serverId) {
        stop(serverId, false);
        guests.remove(serverId);
        volumes.remove(serverId);
        firewalls.remove(serverId);
        keys.delete(serverId);
    }

    @Override
    public void applyFirewall(long serverId, Inbound inbound) {
        firewalls.put(serverId, inbound);
    }

    @Override
    public void attachVolume(long serverId, Volume volume) {
        volumes.computeIfAbsent(serverId, _ -> ConcurrentHashMap.newKeySet()).add(volume.id());
    }

    @Override
    public void detachVolume(long serverId, long volumeId) {
        volumes.getOrDefault(serverId, ConcurrentHashMap.newKeySet()).remove(volumeId);
    }

    @Override
    public String describe(long serverId) {
        return "scripted";
    }

    @Override
    public void close() {
        guests.values().forEach(ScriptedGuest::off);
        clock.shutdownNow();
    }
}
