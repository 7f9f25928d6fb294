package dev.anchorhold.platform.web;

import java.util.Set;

/** Authorizes callers of the internal API: the operator's ServiceAccount, and who else is configured. */
public final class InternalApiAccess {
    private final ServiceAccountAuthenticator accounts;
    private final Set<String> allowed;

    /** @param allowed user names, {@code system:serviceaccount:NAMESPACE:NAME} */
    public InternalApiAccess(ServiceAccountAuthenticator accounts, Set<String> allowed) {
        this.accounts = accounts;
        this.allowed = allowed;
    }

    /** @throws HttpProblem 401, 403, or 503 when Kubernetes does not answer */
    public void authorize(String authorization) {
        if (!allowed.contains(accounts.authenticate(authorization))) {
            throw new HttpProblem(403, "this ServiceAccount may not call the internal API", null);
        }
    }
}
