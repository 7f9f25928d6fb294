package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Access;
import dev.anchorhold.sim.cloud.ConsoleFront;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.LocalServer;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Cloudflare's API on 127.0.0.1; see docs/simulator.md. */
public final class CloudflareSimulator implements AutoCloseable {
    private final LocalServer server = new LocalServer();
    private final Estate estate;
    private final Faults faults = new Faults();
    private final RequestLog requests = new RequestLog();
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
        var front = new CloudflareFront(server.vertx, api, faults, requests, strangers);
        var consoleFront = new ConsoleFront(server.vertx, new ConsoleKnobs(console, estate), faults, requests);
        server.listen(options.port, request -> {
            if (ConsoleFront.takes(request.path())) consoleFront.handle(request);
            else front.handle(request);
        });
    }

    /** Returns when it listens. */
    public static CloudflareSimulator start(CloudflareOptions options) {
        return new CloudflareSimulator(options);
    }

    private void addAccount(String name, CloudflareOptions options) {
        var account = new Account(name, new RateWindow(estate.clock, options.rateLimit, options.rateWindow));
        account.tokens.put(Account.token("rw", name), Access.READ_WRITE);
        account.tokens.put(Account.token("ro", name), Access.READ_ONLY);
        account.tokens.put(Account.token("xx", name), Access.REVOKED);
        estate.accounts.put(account.id, account);
    }

    /** With {@code /client/v4}, as official clients want it. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:%d%s".formatted(server.port(), CloudflareFront.PREFIX));
    }

    public URI consoleUri() {
        return URI.create("http://127.0.0.1:%d/_console".formatted(server.port()));
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

    /** The default account's token. */
    public String token() {
        return token("default");
    }

    public String token(String account) {
        return Account.token("rw", account);
    }

    public String readOnlyToken(String account) {
        return Account.token("ro", account);
    }

    public String revokedToken(String account) {
        return Account.token("xx", account);
    }

    public Faults faults() {
        return faults;
    }

    public Console console() {
        return console;
    }

    public RequestLog requests() {
        return requests;
    }

    Api api() {
        return api;
    }

    @Override
    public void close() {
        faults.clear();
        server.close();
        estate.close();
    }
}
