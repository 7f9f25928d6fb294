package dev.anchorhold.ledger;

import java.util.Optional;
import java.util.Set;

/**
 * The accounts whose books a caller may read: a query with it returns nothing of other accounts.
 *
 * @param accounts names of Accounts; empty means everybody's
 */
public record AccessScope(Optional<Set<String>> accounts) {

    public AccessScope {
        accounts = accounts.map(Set::copyOf);
    }

    public static AccessScope all() {
        return new AccessScope(Optional.empty());
    }

    public static AccessScope of(Set<String> accounts) {
        return new AccessScope(Optional.of(accounts));
    }

    public boolean covers(String account) {
        return accounts.isEmpty() || accounts.get().contains(account);
    }
}
