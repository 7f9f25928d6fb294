package dev.anchorhold.door;

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
import java.util.Set;
import java.util.function.Supplier;

/** Who may call the internal API: ServiceAccounts that Kubernetes itself knows by a token meant for us. */
final class Callers {
    /** What a token's holder must have asked for; one for the API server does not open our door, nor ours theirs. */
    static final String AUDIENCE = "anchorhold-companion";

    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final int MOST_REMEMBERED = 500;
    private static final String BEARER = "Bearer ";

    private final Supplier<KubernetesClient> kubernetes;
    private final Set<String> allowed;
    private final InstantSource clock;
    private final Map<String, Verdict> verdicts = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verdict> eldest) {
            return size() > MOST_REMEMBERED;
        }
    });

    /** @param status 200, or what to answer */
    private record Verdict(int status, Instant until) {}

    /** @param allowed user names, {@code system:serviceaccount:NAMESPACE:NAME} */
    Callers(Supplier<KubernetesClient> kubernetes, Set<String> allowed, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.allowed = allowed;
        this.clock = clock;
    }

    /** @throws Problem 401, 403, or 503 when Kubernetes does not answer */
    void check(String authorization) {
        if (authorization == null || !authorization.startsWith(BEARER)) {
            throw new Problem(401, "a ServiceAccount token of audience %s is needed".formatted(AUDIENCE), null);
        }
        String token = authorization.substring(BEARER.length()).strip();
        String key = HexFormat.of().formatHex(Secrets.hash(token));
        Verdict verdict = verdicts.get(key);
        if (verdict == null || verdict.until.isBefore(clock.instant())) {
            verdict = new Verdict(review(token), clock.instant().plus(REMEMBERED));
            verdicts.put(key, verdict);
        }
        switch (verdict.status) {
            case 200 -> {}
            case 403 -> throw new Problem(403, "this ServiceAccount may not call the internal API", null);
            default -> throw new Problem(401, "the token is not valid for audience %s".formatted(AUDIENCE), null);
        }
    }

    private int review(String token) {
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
            return !known ? 401 : allowed.contains(status.getUser().getUsername()) ? 200 : 403;
        } catch (KubernetesClientException _) {
            throw new Problem(503, "Kubernetes does not answer to a TokenReview", null);
        }
    }
}
