package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Simulator;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** The simulated Cloudflare: its API on 127.0.0.1; see docs/simulator.md. */
public final class CloudflareSimulator extends Simulator {
    private final CloudflareState state;
    private final CloudflareApi api;
    private final CloudflareConsole console;

    private CloudflareSimulator(CloudflareOptions options) {
        state = new CloudflareState(
                options.dataFolder, Optional.ofNullable(options.clock).orElseGet(SimulatorClock::system));
        state.knobs.recordLimit = options.recordLimit;
        options.zones.values().stream().distinct().forEach(name -> addAccount(name, options));
        options.zones.forEach((name, account) -> {
            var zone = new SimulatedZone(name, state.account(account));
            state.zones.put(zone.id(), zone);
        });
        api = new CloudflareApi(state);
        console = new CloudflareConsole(api);
        state.locked(() -> {
            api.connectors.resume();
            return null;
        });
        var unauthenticatedLimit = new RateLimitWindow(state.clock, 1200, Duration.ofMinutes(5));
        var handler = new CloudflareHttpHandler(vertx, api, faults, requests, unauthenticatedLimit);
        listen(options.host, options.port, handler, new CloudflareConsoleBackend(console, state));
    }

    /** Returns when it listens. */
    public static CloudflareSimulator start(CloudflareOptions options) {
        return new CloudflareSimulator(options);
    }

    private void addAccount(String name, CloudflareOptions options) {
        var account =
                new SimulatedAccount(name, new RateLimitWindow(state.clock, options.rateLimit, options.rateWindow));
        grantTokens(name, account.tokens, options.token);
        state.accounts.put(account.id, account);
    }

    /** The base URL with {@code /client/v4}, as official clients want it. */
    public URI endpoint() {
        return at(CloudflareHttpHandler.PREFIX);
    }

    /** The default account's; the same at each start, as all ids and tokens are. */
    public String accountId() {
        return accountId("default");
    }

    public String accountId(String account) {
        return state.account(account).id;
    }

    public String zoneId(String zone) {
        return state.zone(zone).id();
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
        state.close();
    }
}
