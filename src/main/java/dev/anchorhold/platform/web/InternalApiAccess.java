package dev.anchorhold.platform.web;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;

/** Authorizes callers of the internal API: the operator's ServiceAccount, and who else is configured. */
public final class InternalApiAccess {
    private final ServiceAccountAuthenticator accounts;
    private final Set<String> allowed;

    /** @param allowed user names, {@code system:serviceaccount:NAMESPACE:NAME} */
    public InternalApiAccess(Supplier<KubernetesClient> kubernetes, InstantSource clock, Set<String> allowed) {
        // Not the public API's: whatever strangers send there uses up none of the operator's reviews.
        this.accounts = new ServiceAccountAuthenticator(kubernetes, clock);
        this.allowed = allowed;
    }

    /** @throws HttpProblem 401, 403, or 503 when Kubernetes does not answer */
    public void authorize(String authorization) {
        if (!allowed.contains(accounts.authenticate(authorization))) {
            throw new HttpProblem(403, "this ServiceAccount may not call the internal API", null);
        }
    }
}
