package dev.anchorhold.ledger;

import java.util.Optional;
import java.util.Set;

/**
 * Whose books are asked for, as far as the asker may see them: nothing of other accounts comes out.
 *
 * @param accounts names of Accounts; empty means everybody's
 */
public record Scope(Optional<Set<String>> accounts) {

    public Scope {
        accounts = accounts.map(Set::copyOf);
    }

    public static Scope all() {
        return new Scope(Optional.empty());
    }

    public static Scope of(Set<String> accounts) {
        return new Scope(Optional.of(accounts));
    }

    public boolean covers(String account) {
        return accounts.isEmpty() || accounts.get().contains(account);
    }
}
