package dev.anchorhold.identity;

import dev.anchorhold.identity.Accounts.Named;
import dev.anchorhold.platform.web.Problem;
import dev.anchorhold.platform.web.ServiceAccounts;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells who calls. */
public final class Identities {
    private final ServiceAccounts serviceAccounts;
    private final Accounts accounts;
    private final Set<String> auditors;

    Identities(ServiceAccounts serviceAccounts, Accounts accounts, Set<String> auditors) {
        this.serviceAccounts = serviceAccounts;
        this.accounts = accounts;
        this.auditors = auditors;
    }

    /**
     * Whoever has a valid token is somebody, if only a member of nothing.
     *
     * @param authorization the header's value, or null
     * @throws Problem 401, or 503 when Kubernetes does not answer
     */
    public Caller caller(String authorization) {
        String user = serviceAccounts.user(authorization);
        boolean auditor = auditors.contains(user);
        return new Caller(
                user,
                auditor,
                accounts.all().stream()
                        .filter(it -> auditor || it.subjects().contains(user))
                        .collect(Collectors.toMap(Named::name, Named::displayName)));
    }
}
