package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.cloudflare.CloudflareClient;
import dev.anchorhold.cloud.cloudflare.CloudflareInventory;
import dev.anchorhold.cloud.cloudflare.DnsZone;
import dev.anchorhold.operator.backoff.FailureBackoff;
import dev.anchorhold.operator.session.CloudSessions.Unusable;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Cloudflare;
import dev.anchorhold.resource.Reasons;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;

/** Registry of Cloudflare sessions: opens, renews and closes one for every ProviderConfig that names an account. */
public final class CloudflareSessions implements AutoCloseable {
    static final String CLOUDFLARE = "https://api.cloudflare.com/client/v4";
    private static final String SECTION = "cloudflare";

    private final Map<String, OpenSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, Unusable> whyUnusable = new ConcurrentHashMap<>();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final OkHttpClient http;
    private final ProviderTokens tokens;
    private final AllowedEndpoints endpoints;
    private final String installation;
    private final InventorySettings settings;
    private final InstantSource clock;
    private final MeterRegistry metrics;
    private final BiConsumer<String, String> changed;

    private record OpenSession(CloudflareSession session, Cloudflare spec, String token) {
        boolean fits(Cloudflare wanted, String newest) {
            return spec.equals(wanted) && token.equals(newest);
        }
    }

    /**
     * @param changed called with a provider's name and a uid whose inventory changed; with an empty one when the
     * session is opened
     */
    CloudflareSessions(
            OkHttpClient http,
            ProviderTokens tokens,
            AllowedEndpoints endpoints,
            String installation,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry metrics,
            BiConsumer<String, String> changed) {
        this.http = http;
        this.tokens = tokens;
        this.endpoints = endpoints;
        this.installation = installation;
        this.settings = settings;
        this.clock = clock;
        this.metrics = metrics;
        this.changed = changed;
    }

    /** The provider's session; empty until the account and the zone are confirmed. */
    public Optional<CloudflareSession> get(String provider) {
        return Optional.ofNullable(sessions.get(provider)).map(OpenSession::session);
    }

    /** Why there is none, or why it cannot be used, as far as that is known. */
    public Optional<Unusable> whyUnusable(String provider) {
        return Optional.ofNullable(whyUnusable.get(provider))
                .or(() -> get(provider).flatMap(CloudflareSessions::refused));
    }

    /** Why the credential is not known to be valid: longer than it cannot be used, until a write is accepted. */
    public Optional<Unusable> whyInvalid(String provider) {
        return whyUnusable(provider)
                .or(() -> get(provider)
                        .flatMap(CloudflareSession::credentialsInDoubt)
                        .map(e -> refused(provider, e)));
    }

    private static Optional<Unusable> refused(CloudflareSession session) {
        return session.credentialsRefused().map(e -> refused(session.provider(), e));
    }

    private static Unusable refused(String provider, CloudException e) {
        return new Unusable(
                Reasons.CREDENTIALS_INVALID,
                "Cloudflare refuses the token of ProviderConfig '%s': %s; put a valid one into its Secret (Cloudflare Tunnel: Edit, DNS: Edit, Zone: Read)"
                        .formatted(provider, e.getMessage()));
    }

    /**
     * Opens the provider's session where it names an account, or opens it anew when what it names or the token has changed: another token may open
     * another account, in which all tunnels would look deleted. One call, in which the zone proves the place.
     *
     * @param zones the ids under which the zone is known, empty before there ever was one: another one is another place
     */
    public void open(ProviderConfig provider, Set<String> zones) {
        String name = provider.getMetadata().getName();
        // Of its own, since it waits for Cloudflare: another provider's may answer.
        synchronized (locks.computeIfAbsent(name, _ -> new Object())) {
            open(name, provider, zones);
        }
    }

    private void open(String name, ProviderConfig provider, Set<String> zones) {
        Cloudflare spec = provider.getSpec().cloudflare();
        if (spec == null) {
            close(name);
            return;
        }
        tokens.register(name, SECTION, spec.tokenSecretRef());
        var notAllowed = endpoints.refusal(name, SECTION, endpoint(spec), CLOUDFLARE);
        if (notAllowed.isPresent()) {
            close(name);
            whyUnusable.put(name, notAllowed.get());
            return;
        }
        Optional<String> token = tokens.token(name, SECTION);
        if (token.isEmpty()) {
            whyUnusable.put(name, new Unusable(Reasons.CREDENTIALS_MISSING, tokens.whyMissing(name, SECTION)));
            return; // what is open goes on with the token that it has
        }
        OpenSession open = sessions.get(name);
        if (open != null && open.fits(spec, token.get()) && isExpected(open.session.zone(), zones)) {
            whyUnusable.remove(name);
            return;
        }
        close(name);
        confirm(name, spec, token.get(), zones);
    }

    private static boolean isExpected(DnsZone zone, Set<String> zones) {
        return zones.isEmpty() || zones.contains(zone.id());
    }

    private static String endpoint(Cloudflare spec) {
        return Optional.ofNullable(spec.endpoint()).orElse(CLOUDFLARE);
    }

    private void confirm(String name, Cloudflare spec, String token, Set<String> zones) {
        var client = new CloudflareClient(
                endpoint(spec),
                spec.accountId(),
                () -> token,
                http,
                Timeouts.DEFAULT,
                CloudflareClient.budget(clock),
                metrics,
                name);
        try {
            var zone = client.zone(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, spec.zone());
            if (zone.isEmpty()) {
                whyUnusable.put(name, wrongZone(name, spec));
                return;
            }
            if (!isExpected(zone.get(), zones)) {
                whyUnusable.put(name, anotherZone(name, zone.get(), zones));
                return;
            }
            var inventory =
                    new CloudflareInventory(client, zone.get().id(), installation, name, settings, clock, metrics);
            inventory.onChange(uid -> changed.accept(name, uid));
            var failureBackoff = new FailureBackoff(clock, RandomGenerator.getDefault());
            sessions.put(
                    name,
                    new OpenSession(
                            new CloudflareSession(name, client, zone.get(), inventory, failureBackoff), spec, token));
            inventory.start();
            changed.accept(name, "");
        } catch (CloudException.Unauthorized e) {
            whyUnusable.put(name, refused(name, e));
        } catch (CloudException.Invalid e) {
            whyUnusable.put(name, wrongZone(name, spec));
        } catch (CloudException e) {
            whyUnusable.put(name, new Unusable(Reasons.CLOUD_UNAVAILABLE, e.getMessage()));
        }
    }

    private static Unusable wrongZone(String name, Cloudflare spec) {
        return new Unusable(
                Reasons.ZONE_NOT_FOUND,
                "the Cloudflare token of ProviderConfig '%s' opens no zone '%s' in the account %s; put a token of that account into its Secret (Cloudflare Tunnel: Edit, DNS: Edit, Zone: Read)"
                        .formatted(name, spec.zone(), spec.accountId()));
    }

    private static Unusable anotherZone(String name, DnsZone zone, Set<String> zones) {
        String expected = zones.stream().sorted().collect(Collectors.joining(", "));
        return new Unusable(
                Reasons.ZONE_DIFFERS,
                "ProviderConfig '%s' names the zone '%s' (id %s), and its Agents' tunnels and records are with the zone of id %s; name that account and zone. If the zone was removed and added again in the same account, say so by the annotation %s: \"%s\""
                        .formatted(name, zone.name(), zone.id(), expected, ApiNames.FORGET_ZONE, expected));
    }

    public void close(String provider) {
        whyUnusable.remove(provider);
        OpenSession open = sessions.remove(provider);
        if (open != null) {
            open.session.close();
        }
    }

    @Override
    public void close() {
        sessions.keySet().forEach(this::close);
    }
}
