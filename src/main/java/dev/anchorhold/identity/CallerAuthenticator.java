package dev.anchorhold.identity;

import dev.anchorhold.identity.AccountCache.CachedAccount;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import java.util.Set;
import java.util.stream.Collectors;

/** Authenticates callers by their ServiceAccount's token, and finds the accounts that name them as a member. */
public final class CallerAuthenticator {
    private final ServiceAccountAuthenticator serviceAccountAuthenticator;
    private final AccountCache accounts;
    private final Set<String> auditors;

    CallerAuthenticator(
            ServiceAccountAuthenticator serviceAccountAuthenticator, AccountCache accounts, Set<String> auditors) {
        this.serviceAccountAuthenticator = serviceAccountAuthenticator;
        this.accounts = accounts;
        this.auditors = auditors;
    }

    /**
     * Whoever has a valid token is somebody, if only a member of nothing.
     *
     * @param authorization the header's value, or null
     * @throws HttpProblem 401, or 503 when Kubernetes does not answer
     */
    public Caller authenticate(String authorization) {
        String user = serviceAccountAuthenticator.authenticate(authorization);
        boolean auditor = auditors.contains(user);
        return new Caller(
                user,
                auditor,
                accounts.all().stream()
                        .filter(it -> auditor || it.subjects().contains(user))
                        .collect(Collectors.toMap(CachedAccount::name, CachedAccount::displayName)));
    }
}
