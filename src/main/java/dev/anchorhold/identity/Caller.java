package dev.anchorhold.identity;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * An authenticated caller, and the accounts that they may see.
 *
 * @param user {@code system:serviceaccount:NAMESPACE:NAME} as Kubernetes knows them, or {@code person:ISSUER#SUBJECT}
 * @param displayName for people to read
 * @param credential what they have shown
 * @param person who they are, or whose token they hold; empty for a ServiceAccount
 * @param session the browser's session; empty for whoever has none
 * @param auditor sees all accounts, also those that are no more
 * @param memberships what they are in the accounts that they may see now, by name: read when it is asked for, since what ends a session or a token must not wait for
 *     Kubernetes
 */
public record Caller(
        String user,
        String displayName,
        Credential credential,
        Optional<UUID> person,
        Optional<UUID> session,
        boolean auditor,
        Supplier<SortedMap<String, Membership>> memberships) {

    /**
     * The accounts that the caller may see, by name.
     *
     * @throws dev.anchorhold.platform.web.HttpProblem 503 when Kubernetes does not say
     */
    public SortedMap<String, Membership> accounts() {
        return memberships.get();
    }

    /** What shows who a caller is. */
    public enum Credential {
        SERVICE_ACCOUNT,
        SESSION,
        API_TOKEN
    }

    static Caller serviceAccount(String user, boolean auditor, Supplier<Map<String, Membership>> accounts) {
        return new Caller(
                user, user, Credential.SERVICE_ACCOUNT, Optional.empty(), Optional.empty(), auditor, once(accounts));
    }

    static Caller session(BrowserSession session, Supplier<Map<String, Membership>> accounts) {
        return person(session.person, Credential.SESSION, Optional.of(session.id), accounts);
    }

    static Caller apiToken(ApiToken token, Supplier<Map<String, Membership>> accounts) {
        return person(token.person, Credential.API_TOKEN, Optional.empty(), accounts);
    }

    private static Caller person(
            Person person, Credential credential, Optional<UUID> session, Supplier<Map<String, Membership>> accounts) {
        return new Caller(
                person.user(),
                person.displayName(),
                credential,
                Optional.of(person.id),
                session,
                false,
                once(accounts));
    }

    /** One request sees one answer. */
    private static Supplier<SortedMap<String, Membership>> once(Supplier<Map<String, Membership>> accounts) {
        var known = new AtomicReference<SortedMap<String, Membership>>();
        return () -> known.updateAndGet(
                it -> it != null ? it : Collections.unmodifiableSortedMap(new TreeMap<>(accounts.get())));
    }
}
