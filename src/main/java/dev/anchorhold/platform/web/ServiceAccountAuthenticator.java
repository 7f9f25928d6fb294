package dev.anchorhold.platform.web;

import dev.anchorhold.platform.BoundedMap;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.IssuerKeys.Verdict;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Authenticates callers as ServiceAccounts by Kubernetes' TokenReview of a token meant for us. Kubernetes is asked only about what
 * its own keys signed, so a stranger costs no call; whoever has such tokens has so many reviews a minute, and so much of the cache,
 * in this process.
 */
public final class ServiceAccountAuthenticator {
    /** What a token's holder must have asked for; one for the API server does not open our doors, nor ours theirs. */
    public static final String AUDIENCE = "anchorhold-companion";

    private static final Duration CACHE_TTL = Duration.ofSeconds(30);
    private static final int MAX_CACHED = 2_000;
    private static final int REVIEWS_PER_MINUTE = 60;
    /**
     * The subject of all that cannot be told from forged, where the cluster publishes no keys: what a token says of itself is anybody's
     * to copy there. One that was valid at its last review is told by its hash, and has reviews of its own.
     */
    private static final String ANYBODY = "";

    private static final String BEARER = "Bearer ";

    private final Supplier<KubernetesClient> kubernetes;
    private final IssuerKeys keys;
    private final RateLimiter reviews;
    private final InstantSource clock;
    /** Apart, so that what is not valid pushes out nothing that is. What was valid stays here until it is found not to be. */
    private final Map<String, Reviewed> valid = Collections.synchronizedMap(new BoundedMap<>(MAX_CACHED));

    private final Map<String, Reviewed> invalid = Collections.synchronizedMap(new BoundedMap<>(MAX_CACHED));

    /** @param user empty when the token is not valid */
    private record Reviewed(Optional<String> user, Instant until) {}

    public ServiceAccountAuthenticator(Supplier<KubernetesClient> kubernetes, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.keys = new IssuerKeys(kubernetes, clock);
        this.reviews = new RateLimiter(REVIEWS_PER_MINUTE, clock);
        this.clock = clock;
    }

    /**
     * The caller's user name, {@code system:serviceaccount:NAMESPACE:NAME}.
     *
     * @param authorization the header's value, or null
     * @throws HttpProblem 401, 429, or 503 when Kubernetes does not answer
     */
    public String authenticate(String authorization) {
        String token = bearer(authorization)
                .orElseThrow(() -> new HttpProblem(
                        401, "a ServiceAccount token of audience %s is needed".formatted(AUDIENCE), null));
        String hash = HexFormat.of().formatHex(OpaqueTokens.hash(token));
        return cached(valid, hash)
                .or(() -> cached(invalid, hash))
                .orElseGet(() -> review(token, hash))
                .user
                .orElseThrow(ServiceAccountAuthenticator::notValid);
    }

    /**
     * What an Authorization header has as a bearer token; empty when it has none.
     *
     * @param authorization the header's value, or null
     */
    public static Optional<String> bearer(String authorization) {
        return Optional.ofNullable(authorization)
                .filter(it -> it.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(it -> it.substring(BEARER.length()).strip());
    }

    private Optional<Reviewed> cached(Map<String, Reviewed> cache, String hash) {
        return Optional.ofNullable(cache.get(hash)).filter(it -> !it.until.isBefore(clock.instant()));
    }

    private Reviewed review(String text, String hash) {
        ServiceAccountToken token = ServiceAccountToken.parse(text)
                .filter(it -> it.isFor(AUDIENCE, clock.instant()))
                .orElseThrow(ServiceAccountAuthenticator::notValid);
        Verdict verdict = keys.verify(token);
        if (verdict == Verdict.FORGED) {
            throw notValid();
        }
        reviews.consume(verdict == Verdict.SIGNED ? token.subject() : valid.containsKey(hash) ? hash : ANYBODY)
                .ifPresent(wait -> {
                    throw HttpProblem.tooMany("too many tokens of this ServiceAccount; use one until it expires", wait);
                });
        Reviewed reviewed = new Reviewed(review(text), clock.instant().plus(CACHE_TTL));
        if (reviewed.user.isPresent()) {
            valid.put(hash, reviewed);
        } else {
            valid.remove(hash);
            invalid.put(hash, reviewed);
        }
        return reviewed;
    }

    private static HttpProblem notValid() {
        return new HttpProblem(401, "the token is not valid for audience %s".formatted(AUDIENCE), null);
    }

    private Optional<String> review(String token) {
        try {
            TokenReviewStatus status = kubernetes
                    .get()
                    .tokenReviews()
                    .create(new TokenReviewBuilder()
                            .withNewSpec()
                            .withToken(token)
                            .withAudiences(AUDIENCE)
                            .endSpec()
                            .build())
                    .getStatus();
            boolean known = Boolean.TRUE.equals(status.getAuthenticated())
                    && status.getAudiences() != null
                    && status.getAudiences().contains(AUDIENCE);
            return known ? Optional.of(status.getUser().getUsername()) : Optional.empty();
        } catch (KubernetesClientException _) {
            throw new HttpProblem(503, "Kubernetes does not answer to a TokenReview", null);
        }
    }
}
