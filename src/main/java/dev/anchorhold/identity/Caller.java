package dev.anchorhold.identity;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * An authenticated caller, and the accounts that they may see.
 *
 * @param user {@code system:serviceaccount:NAMESPACE:NAME} as Kubernetes knows them, or {@code person:ISSUER#SUBJECT}
 * @param displayName for people to read
 * @param credential what they have shown
 * @param person who they are, or whose token they hold; empty for a ServiceAccount
 * @param session the browser's session; empty for whoever has none
 * @param auditor sees all accounts, also those that are no more
 * @param accounts those there are now that the caller may see, by name
 */
public record Caller(
        String user,
        String displayName,
        Credential credential,
        Optional<UUID> person,
        Optional<UUID> session,
        boolean auditor,
        SortedMap<String, Membership> accounts) {
    public Caller {
        accounts = Collections.unmodifiableSortedMap(new TreeMap<>(accounts));
    }

    /** What shows who a caller is. */
    public enum Credential {
        SERVICE_ACCOUNT,
        SESSION,
        API_TOKEN
    }

    static Caller serviceAccount(String user, boolean auditor, Map<String, Membership> accounts) {
        return new Caller(
                user,
                user,
                Credential.SERVICE_ACCOUNT,
                Optional.empty(),
                Optional.empty(),
                auditor,
                new TreeMap<>(accounts));
    }

    static Caller session(BrowserSession session, Map<String, Membership> accounts) {
        return person(session.person, Credential.SESSION, Optional.of(session.id), accounts);
    }

    static Caller apiToken(ApiToken token, Map<String, Membership> accounts) {
        return person(token.person, Credential.API_TOKEN, Optional.empty(), accounts);
    }

    private static Caller person(
            Person person, Credential credential, Optional<UUID> session, Map<String, Membership> accounts) {
        return new Caller(
                person.user(),
                person.displayName(),
                credential,
                Optional.of(person.id),
                session,
                false,
                new TreeMap<>(accounts));
    }
}
