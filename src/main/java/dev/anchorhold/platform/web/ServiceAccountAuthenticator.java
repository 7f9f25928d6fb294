package dev.anchorhold.platform.web;

import dev.anchorhold.platform.OpaqueTokens;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Authenticates callers as ServiceAccounts by Kubernetes' TokenReview of a token meant for us. */
public final class ServiceAccountAuthenticator {
    /** What a token's holder must have asked for; one for the API server does not open our doors, nor ours theirs. */
    public static final String AUDIENCE = "anchorhold-companion";

    private static final Duration CACHE_TTL = Duration.ofSeconds(30);
    private static final int MAX_CACHED = 500;
    private static final String BEARER = "Bearer ";

    private final Supplier<KubernetesClient> kubernetes;
    private final InstantSource clock;
    private final Map<String, Verdict> verdicts = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verdict> eldest) {
            return size() > MAX_CACHED;
        }
    });

    /** @param user empty when the token is not valid */
    private record Verdict(Optional<String> user, Instant until) {}

    public ServiceAccountAuthenticator(Supplier<KubernetesClient> kubernetes, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.clock = clock;
    }

    /**
     * The caller's user name, {@code system:serviceaccount:NAMESPACE:NAME}.
     *
     * @param authorization the header's value, or null
     * @throws HttpProblem 401, or 503 when Kubernetes does not answer
     */
    public String authenticate(String authorization) {
        if (authorization == null || !authorization.startsWith(BEARER)) {
            throw new HttpProblem(401, "a ServiceAccount token of audience %s is needed".formatted(AUDIENCE), null);
        }
        String token = authorization.substring(BEARER.length()).strip();
        String key = HexFormat.of().formatHex(OpaqueTokens.hash(token));
        Verdict verdict = verdicts.get(key);
        if (verdict == null || verdict.until.isBefore(clock.instant())) {
            verdict = new Verdict(review(token), clock.instant().plus(CACHE_TTL));
            verdicts.put(key, verdict);
        }
        return verdict.user.orElseThrow(
                () -> new HttpProblem(401, "the token is not valid for audience %s".formatted(AUDIENCE), null));
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
