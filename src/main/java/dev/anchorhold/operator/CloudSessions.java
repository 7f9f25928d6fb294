package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.cloud.hetzner.InventorySettings;
import dev.anchorhold.cloud.hetzner.Timeouts;
import dev.anchorhold.resource.ProviderConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.random.RandomGenerator;
import okhttp3.OkHttpClient;

/** The clouds that the operator works in: a session for every ProviderConfig. */
public final class CloudSessions implements AutoCloseable {
    static final String HETZNER = "https://api.hetzner.cloud/v1";
    static final String NO_TOKEN = "no_token";
    private static final int HOURLY_LIMIT = 3600; // providers.md A.11; the first answer corrects it

    private final Map<String, Open> sessions = new ConcurrentHashMap<>();
    private final Map<String, String> whyNot = new ConcurrentHashMap<>();
    private final OkHttpClient http = new OkHttpClient();
    private final Fleet fleet;
    private final ProviderTokens tokens;
    private final String installation;
    private final InventorySettings settings;
    private final InstantSource clock;
    private final MeterRegistry metrics;

    private record Open(CloudSession session, String endpoint) {}

    public CloudSessions(
            Fleet fleet,
            ProviderTokens tokens,
            String installation,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry metrics) {
        this.fleet = fleet;
        this.tokens = tokens;
        this.installation = installation;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
        tokens.onChange(this::tokenChanged);
    }

    public Optional<CloudSession> get(String provider) {
        return Optional.ofNullable(sessions.get(provider)).map(Open::session);
    }

    /** Why there is no session, in words that say what to do. */
    public Optional<String> whyNot(String provider) {
        return Optional.ofNullable(whyNot.get(provider));
    }

    /** Opens the provider's session, or opens it anew when the endpoint has changed. Empty when there is no token. */
    public synchronized Optional<CloudSession> open(ProviderConfig provider) {
        String name = provider.getMetadata().getName();
        var hetzner = provider.getSpec().hetzner();
        tokens.use(name, hetzner.tokenSecretRef());
        Optional<String> missing = tokens.whyNot(name);
        missing.ifPresentOrElse(why -> whyNot.put(name, why), () -> whyNot.remove(name));
        String endpoint = Optional.ofNullable(hetzner.endpoint()).orElse(HETZNER);
        Open open = sessions.get(name);
        if (open != null && !open.endpoint.equals(endpoint)) {
            close(name);
            open = null;
        }
        if (open == null && missing.isEmpty()) {
            open = new Open(session(name, endpoint), endpoint);
            sessions.put(name, open);
            open.session.inventory().start();
            changed(name, "");
        }
        return Optional.ofNullable(open).map(Open::session);
    }

    private CloudSession session(String provider, String endpoint) {
        var client = new HetznerClient(
                endpoint,
                () -> tokens.token(provider).orElseThrow(() -> noToken(provider)),
                http,
                Timeouts.DEFAULT,
                new RateBudget(HOURLY_LIMIT, clock),
                metrics,
                provider);
        var inventory = new HetznerInventory(client, installation, provider, settings, clock, metrics);
        inventory.onChange(uid -> changed(provider, uid));
        Map<String, ReadWriteLock> locks = new ConcurrentHashMap<>();
        return new CloudSession(
                provider,
                installation,
                client,
                inventory,
                new Setbacks(clock, RandomGenerator.getDefault()),
                new SealedKey(client, installation),
                name -> locks.computeIfAbsent(name, _ -> new ReentrantReadWriteLock()));
    }

    /** A change of a shared firewall, or a session that is there at last, concerns all who build there. */
    private void changed(String provider, String uid) {
        if (!fleet.isComplete()) {
            return;
        }
        if (!uid.isEmpty()) {
            fleet.plainVm(uid).ifPresent(fleet::wake);
            return;
        }
        fleet.accountsIn(provider).stream()
                .flatMap(a -> fleet.plainVmsOf(a.getMetadata().getName()).stream())
                .forEach(fleet::wake);
    }

    private CloudException noToken(String provider) {
        return new CloudException.Unauthorized(
                new CloudException.Detail("no_token", tokens.whyNot(provider).orElse("there is no token"), ""));
    }

    private void tokenChanged(String provider) {
        get(provider).ifPresent(s -> s.setbacks().forget(provider));
        fleet.provider(provider).ifPresent(fleet::wake);
    }

    public synchronized void close(String provider) {
        Open open = sessions.remove(provider);
        if (open != null) {
            open.session.close();
        }
    }

    @Override
    public synchronized void close() {
        sessions.values().forEach(o -> o.session.close());
        sessions.clear();
    }
}
