package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.SimulatorClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options with which a simulator is started. The defaults are the real cloud's limits and one account, {@code
 * default}, with one zone of the free plan, {@code anchorhold.localhost}.
 */
public final class CloudflareOptions {
    String host = "127.0.0.1";
    int port;
    String token;
    Path dataFolder;
    SimulatorClock clock;
    int rateLimit = 1200;
    Duration rateWindow = Duration.ofMinutes(5);
    int recordLimit = 200;
    final Map<String, String> zones = new LinkedHashMap<>(Map.of("anchorhold.localhost", "default"));

    /** The address to listen at: 127.0.0.1 unless told otherwise, since nothing real is behind the tokens that everybody knows. */
    public CloudflareOptions host(String host) {
        this.host = host;
        return this;
    }

    /** The only token that is good, in place of the well-known ones. */
    public CloudflareOptions token(String token) {
        this.token = token;
        return this;
    }

    /** 0 takes a free one. */
    public CloudflareOptions port(int port) {
        this.port = port;
        return this;
    }

    /** The state is stored here and survives the simulator; without a folder it is in memory only. */
    public CloudflareOptions dataFolder(Path folder) {
        this.dataFolder = folder;
        return this;
    }

    public CloudflareOptions clock(SimulatorClock clock) {
        this.clock = clock;
        return this;
    }

    /** @param requests in each window, 0 for no limit; one more blocks everything for as long as a window is */
    public CloudflareOptions rateLimit(int requests, Duration window) {
        this.rateLimit = requests;
        this.rateWindow = window;
        return this;
    }

    public CloudflareOptions noRateLimit() {
        return rateLimit(0, Duration.ofMinutes(5));
    }

    /** The limit of records in each zone. */
    public CloudflareOptions recordLimit(int limit) {
        this.recordLimit = limit;
        return this;
    }

    /** Adds a zone, and its account unless it exists. */
    public CloudflareOptions zone(String name, String account) {
        zones.put(name, account);
        return this;
    }
}
