package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.operator.backoff.FailureBackoff;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.random.RandomGenerator;
import okhttp3.OkHttpClient;

/** Registry of Hetzner sessions: opens, renews and closes one for every ProviderConfig. */
public final class CloudSessions implements AutoCloseable {
    static final String HETZNER = "https://api.hetzner.cloud/v1";
    private static final String SECTION = "hetzner";
    private static final int HOURLY_LIMIT = 3600; // providers.md A.11; the first answer corrects it

    private final Map<String, OpenSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, Unusable> whyUnusable = new ConcurrentHashMap<>();
    private final OkHttpClient http;
    private final Fleet fleet;
    private final ProviderTokens tokens;
    private final AllowedEndpoints endpoints;
    private final String installation;
    private final InventorySettings settings;
    private final InstantSource clock;
    private final MeterRegistry metrics;
    private final CloudflareSessions cloudflare;

    private record OpenSession(HetznerSession session, String endpoint, String token) {}

    /** Why a provider's cloud cannot be used; {@code reason} is one of {@code Reasons}, the message says what to do. */
    public record Unusable(String reason, String message) {}

    /** @param http by which the clouds are called */
    public CloudSessions(
            OkHttpClient http,
            Fleet fleet,
            ProviderTokens tokens,
            AllowedEndpoints endpoints,
            String installation,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry metrics) {
        this.http = http;
        this.fleet = fleet;
        this.tokens = tokens;
        this.endpoints = endpoints;
        this.installation = installation;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
        this.cloudflare = new CloudflareSessions(
                http, tokens, endpoints, installation, settings, clock, metrics, this::enqueueConcerned);
        tokens.onChange(this::tokenChanged);
    }

    /** Whose things in the clouds are ours. */
    public String installation() {
        return installation;
    }

    /** Where the providers' tunnels are. */
    public CloudflareSessions cloudflare() {
        return cloudflare;
    }

    /** The provider's session; empty until its project is confirmed. */
    public Optional<HetznerSession> get(String provider) {
        return Optional.ofNullable(sessions.get(provider))
                .map(OpenSession::session)
                .filter(s -> s.sealedKey().isConfirmed());
    }

    /** Why the session cannot be used, as far as a person can do something about it. */
    public Optional<Unusable> whyUnusable(String provider) {
        return Optional.ofNullable(whyUnusable.get(provider))
                .or(() -> Optional.ofNullable(sessions.get(provider)).flatMap(open -> whyUnusable(open.session)));
    }

    private static Optional<Unusable> whyUnusable(HetznerSession session) {
        return session.sealedKey()
                .whyDifferent()
                .map(another -> new Unusable(Reasons.PROJECT_DIFFERS, another))
                .or(() -> session.credentialsRefused()
                        .map(refused -> new Unusable(
                                Reasons.CREDENTIALS_INVALID,
                                "the cloud refuses the token of ProviderConfig '%s': %s; put a valid one, with read and write, into its Secret"
                                        .formatted(session.provider(), refused.getMessage()))));
    }

    /**
     * Opens the provider's session, or opens it anew when the endpoint or the token has changed: another token may open
     * another project. Its project has yet to be confirmed. Empty when there is no token and never was.
     */
    public synchronized Optional<HetznerSession> open(ProviderConfig provider) {
        String name = provider.getMetadata().getName();
        var hetzner = provider.getSpec().hetzner();
        tokens.register(name, SECTION, hetzner.tokenSecretRef());
        String endpoint = Optional.ofNullable(hetzner.endpoint()).orElse(HETZNER);
        var refused = endpoints.refusal(name, SECTION, endpoint, HETZNER);
        if (refused.isPresent()) {
            close(name);
            whyUnusable.put(name, refused.get());
            return Optional.empty();
        }
        OpenSession open = sessions.get(name);
        Optional<String> token = tokens.token(name, SECTION);
        if (token.isPresent()) {
            whyUnusable.remove(name);
        } else {
            whyUnusable.put(name, new Unusable(Reasons.CREDENTIALS_MISSING, tokens.whyMissing(name, SECTION)));
        }
        if (open != null && token.isPresent() && !(open.endpoint.equals(endpoint) && open.token.equals(token.get()))) {
            close(name);
            open = null;
        }
        if (open == null && token.isPresent()) {
            open = new OpenSession(session(name, endpoint, token.get()), endpoint, token.get());
            sessions.put(name, open);
        }
        return Optional.ofNullable(open).map(OpenSession::session);
    }

    /** The session's project is the right one: it may be used. */
    public void confirm(HetznerSession session, long sealedKeyId) {
        boolean first = !session.sealedKey().isConfirmed();
        session.sealedKey().confirm(sealedKeyId);
        if (first) {
            session.backoff().clear(); // what was refused may have been for want of the key
            session.inventory().start();
            enqueueConcerned(session.provider(), "");
        }
    }

    private HetznerSession session(String provider, String endpoint, String token) {
        var client = new HetznerClient(
                endpoint, () -> token, http, Timeouts.DEFAULT, new RateBudget(HOURLY_LIMIT, clock), metrics, provider);
        var inventory = new HetznerInventory(client, installation, provider, settings, clock, metrics);
        String everyones = DenyAllFirewall.name(installation);
        inventory.onChange(subject -> enqueueConcerned(provider, subject.equals(everyones) ? "" : subject));
        Map<String, ReadWriteLock> locks = new ConcurrentHashMap<>();
        return new HetznerSession(
                provider,
                installation,
                client,
                inventory,
                new FailureBackoff(clock, RandomGenerator.getDefault()),
                new SealedKey(client, installation),
                new DenyAllFirewall(client, inventory, installation),
                name -> locks.computeIfAbsent(name, _ -> new ReentrantReadWriteLock()));
    }

    /** A change of a shared firewall, or a session that is there at last, concerns all who build there. */
    private void enqueueConcerned(String provider, String uid) {
        if (!fleet.isSynced()) {
            return;
        }
        if (!uid.isEmpty()) {
            fleet.objectOf(uid).ifPresent(fleet::enqueue);
            return;
        }
        fleet.accountsIn(provider).stream()
                .flatMap(a -> fleet.allOf(a.getMetadata().getName()))
                .forEach(fleet::enqueue);
    }

    private void tokenChanged(String provider) {
        fleet.provider(provider).ifPresent(fleet::enqueue);
    }

    /** Both clouds' sessions of a provider that is no more. */
    public synchronized void forget(String provider) {
        close(provider);
        cloudflare.close(provider);
    }

    private void close(String provider) {
        OpenSession open = sessions.remove(provider);
        if (open != null) {
            open.session.close();
        }
    }

    @Override
    public synchronized void close() {
        sessions.values().forEach(o -> o.session.close());
        sessions.clear();
        cloudflare.close();
    }
}
