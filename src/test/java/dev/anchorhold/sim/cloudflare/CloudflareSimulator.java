package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Cloudflare's API on 127.0.0.1; see docs/simulator.md. */
public final class CloudflareSimulator extends Simulator {
    private final Estate estate;
    private final Api api;
    private final Console console;

    private CloudflareSimulator(CloudflareOptions options) {
        estate = new Estate(
                options.dataFolder, Optional.ofNullable(options.clock).orElseGet(SimulatorClock::system));
        estate.knobs.recordLimit = options.recordLimit;
        options.zones.values().stream().distinct().forEach(name -> addAccount(name, options));
        options.zones.forEach((name, account) -> {
            var zone = new Zone(name, estate.account(account));
            estate.zones.put(zone.id(), zone);
        });
        api = new Api(estate);
        console = new Console(api);
        estate.locked(() -> {
            api.connectors.resume();
            return null;
        });
        var strangers = new RateWindow(estate.clock, 1200, Duration.ofMinutes(5));
        var front = new CloudflareFront(vertx, api, faults, requests, strangers);
        listen(options.port, front, new ConsoleKnobs(console, estate));
    }

    /** Returns when it listens. */
    public static CloudflareSimulator start(CloudflareOptions options) {
        return new CloudflareSimulator(options);
    }

    private void addAccount(String name, CloudflareOptions options) {
        var account = new Account(name, new RateWindow(estate.clock, options.rateLimit, options.rateWindow));
        grantUsualTokens(name, account.tokens);
        estate.accounts.put(account.id, account);
    }

    /** With {@code /client/v4}, as official clients want it. */
    public URI endpoint() {
        return at(CloudflareFront.PREFIX);
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
        return Account.token(kind, owner);
    }

    public Console console() {
        return console;
    }

    Api api() {
        return api;
    }

    @Override
    protected void stop() {
        estate.close();
    }
}
