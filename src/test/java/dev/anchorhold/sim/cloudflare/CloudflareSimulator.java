package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Cloudflare's API on 127.0.0.1; see docs/simulator.md. */
public final class CloudflareSimulator extends Simulator {
    private final CloudflareState estate;
    private final CloudflareApi api;
    private final CloudflareConsole console;

    private CloudflareSimulator(CloudflareOptions options) {
        estate = new CloudflareState(
                options.dataFolder, Optional.ofNullable(options.clock).orElseGet(SimulatorClock::system));
        estate.knobs.recordLimit = options.recordLimit;
        options.zones.values().stream().distinct().forEach(name -> addAccount(name, options));
        options.zones.forEach((name, account) -> {
            var zone = new SimulatedZone(name, estate.account(account));
            estate.zones.put(zone.id(), zone);
        });
        api = new CloudflareApi(estate);
        console = new CloudflareConsole(api);
        estate.locked(() -> {
            api.connectorRegistry.resume();
            return null;
        });
        var strangers = new RateLimitWindow(estate.clock, 1200, Duration.ofMinutes(5));
        var front = new CloudflareHttpHandler(vertx, api, faults, requests, strangers);
        listen(options.port, front, new CloudflareConsoleBackend(console, estate));
    }

    /** Returns when it listens. */
    public static CloudflareSimulator start(CloudflareOptions options) {
        return new CloudflareSimulator(options);
    }

    private void addAccount(String name, CloudflareOptions options) {
        var account =
                new SimulatedAccount(name, new RateLimitWindow(estate.clock, options.rateLimit, options.rateWindow));
        grantDefaultTokens(name, account.tokens);
        estate.accounts.put(account.id, account);
    }

    /** With {@code /client/v4}, as official clients want it. */
    public URI endpoint() {
        return at(CloudflareHttpHandler.PREFIX);
    }

    /** The default account's; the same at each start, as all ids and tokens are. */
    public String accountId() {
        return accountId("default");
    }

    public String accountId(String account) {
        return estate.account(account).id;
    }

    public String zoneId(String zone) {
        return estate.zone(zone).id();
    }

    @Override
    protected String token(String kind, String owner) {
        return SimulatedAccount.token(kind, owner);
    }

    public CloudflareConsole console() {
        return console;
    }

    CloudflareApi api() {
        return api;
    }

    @Override
    protected void stop() {
        estate.close();
    }
}
