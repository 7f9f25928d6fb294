package dev.anchorhold.platform.web;

import java.util.Set;

/** Who may call the internal API: the operator's ServiceAccount, and who else is configured. */
public final class Callers {
    private final ServiceAccounts accounts;
    private final Set<String> allowed;

    /** @param allowed user names, {@code system:serviceaccount:NAMESPACE:NAME} */
    public Callers(ServiceAccounts accounts, Set<String> allowed) {
        this.accounts = accounts;
        this.allowed = allowed;
    }

    /** @throws Problem 401, 403, or 503 when Kubernetes does not answer */
    public void check(String authorization) {
        if (!allowed.contains(accounts.user(authorization))) {
            throw new Problem(403, "this ServiceAccount may not call the internal API", null);
        }
    }
}
