package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.SimulatorClock;
import dev.anchorhold.sim.guest.GuestDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Options with which a simulator is started. The defaults are the real cloud's durations and limits, and one project.
 */
public final class HetznerOptions {
    String host = "127.0.0.1";
    int port;
    String token;
    Path dataFolder;
    GuestDriver guests = new NoGuests();
    double speed = 1;
    long seed = 1;
    SimulatorClock clock;
    int rateLimit = 3600;
    double rateLimitPerSecond = 1;
    int firewallLimit = 50;
    int serverLimit = Integer.MAX_VALUE;
    final Map<String, Duration> durations = new LinkedHashMap<>();
    final Set<String> projects = new LinkedHashSet<>();

    /** The address to listen at: 127.0.0.1 unless told otherwise, since nothing real is behind the tokens that everybody knows. */
    public HetznerOptions host(String host) {
        this.host = host;
        return this;
    }

    /** The only token that is good, in place of the well-known ones. */
    public HetznerOptions token(String token) {
        this.token = token;
        return this;
    }

    /** 0 takes a free one. */
    public HetznerOptions port(int port) {
        this.port = port;
        return this;
    }

    /** The state is stored here and survives the simulator; without a folder it is in memory only. */
    public HetznerOptions dataFolder(Path folder) {
        this.dataFolder = folder;
        return this;
    }

    public HetznerOptions guests(GuestDriver guests) {
        this.guests = guests;
        return this;
    }

    /** Actions take this many times less than in the real cloud; the rate limit is not touched. */
    public HetznerOptions speed(double speed) {
        this.speed = speed;
        return this;
    }

    /** The seed of the jitter in the actions' durations. */
    public HetznerOptions seed(long seed) {
        this.seed = seed;
        return this;
    }

    public HetznerOptions clock(SimulatorClock clock) {
        this.clock = clock;
        return this;
    }

    /** Fixes how long a command such as {@code create_server} takes, before the speed is applied. */
    public HetznerOptions duration(String command, Duration duration) {
        durations.put(command, duration);
        return this;
    }

    /** @param requests at once, 0 for no limit; regained at {@code perSecond} */
    public HetznerOptions rateLimit(int requests, double perSecond) {
        this.rateLimit = requests;
        this.rateLimitPerSecond = perSecond;
        return this;
    }

    public HetznerOptions noRateLimit() {
        return rateLimit(0, 0);
    }

    /** The limit of firewalls over all projects. */
    public HetznerOptions firewallLimit(int limit) {
        this.firewallLimit = limit;
        return this;
    }

    public HetznerOptions serverLimit(int limit) {
        this.serverLimit = limit;
        return this;
    }

    /** Adds a project, beside {@code default}. */
    public HetznerOptions project(String name) {
        projects.add(name);
        return this;
    }
}
