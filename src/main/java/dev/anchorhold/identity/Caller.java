package dev.anchorhold.identity;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An authenticated caller, and the accounts that they may see.
 *
 * @param user as Kubernetes knows them, {@code system:serviceaccount:NAMESPACE:NAME}
 * @param auditor sees all accounts, also those that are no more
 * @param accounts those there are now that the caller may see: name → the name for people
 */
public record Caller(String user, boolean auditor, SortedMap<String, String> accounts) {
    public Caller {
        accounts = Collections.unmodifiableSortedMap(new TreeMap<>(accounts));
    }

    Caller(String user, boolean auditor, Map<String, String> accounts) {
        this(user, auditor, new TreeMap<>(accounts));
    }
}
