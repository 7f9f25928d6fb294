package dev.anchorhold.identity;

import dev.anchorhold.identity.AccountCache.CachedAccount;
import dev.anchorhold.platform.BoundedMap;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.AttemptLimiter;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import dev.anchorhold.resource.AccountSpec.Role;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Authenticates callers by their ServiceAccount's token, by a token of ours that a person has made, or by a browser's session; and finds the accounts that
 * name them as a member, at every request.
 */
public final class CallerAuthenticator {
    private static final Logger LOG = Logger.getLogger(CallerAuthenticator.class);
    private static final int MAX_KNOWN = 2_000;
    private static final Set<HttpMethod> SAFE_METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final ServiceAccountAuthenticator serviceAccountAuthenticator;
    private final AccountCache accounts;
    private final Set<String> auditors;
    private final Supplier<BrowserSessions> sessions;
    private final Supplier<ApiTokens> tokens;
    private final AttemptLimiter attempts;

    /** Hashes of what was valid when it was last seen: its next lookup is no stranger's attempt. */
    private final Set<String> known =
            Collections.newSetFromMap(Collections.synchronizedMap(new BoundedMap<>(MAX_KNOWN)));

    CallerAuthenticator(
            ServiceAccountAuthenticator serviceAccountAuthenticator,
            AccountCache accounts,
            Set<String> auditors,
            Supplier<BrowserSessions> sessions,
            Supplier<ApiTokens> tokens,
            AttemptLimiter attempts) {
        this.serviceAccountAuthenticator = serviceAccountAuthenticator;
        this.accounts = accounts;
        this.auditors = auditors;
        this.sessions = sessions;
        this.tokens = tokens;
        this.attempts = attempts;
    }

    /**
     * Whoever has a valid credential is somebody, if only a member of nothing. An Authorization header counts before a cookie.
     *
     * @throws HttpProblem 401; 403 for a change by a session without its CSRF token; 429; 503 when Kubernetes or the database does not answer
     */
    public Caller authenticate(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization == null) {
            Optional<Caller> browser = authenticateBrowser(request);
            if (browser.isPresent()) {
                requireCsrfToken(request, request.getHeader(CsrfToken.HEADER));
                return browser.get();
            }
        }
        Optional<String> script =
                ServiceAccountAuthenticator.bearer(authorization).filter(it -> it.startsWith(ApiTokens.PREFIX));
        if (script.isPresent()) {
            return authenticateScript(request, script.get());
        }
        String user = serviceAccountAuthenticator.authenticate(authorization);
        boolean auditor = auditors.contains(user);
        return Caller.serviceAccount(user, auditor, () -> memberships(user, auditor));
    }

    /** Whose session the request's cookie is of. It proves nothing about who has made the request: {@link #requireCsrfToken} does. */
    public Optional<Caller> authenticateBrowser(HttpServerRequest request) {
        return SessionCookie.of(request)
                .flatMap(token -> lookUp(request, token, sessions.get()::find))
                .map(session -> {
                    try {
                        sessions.get().touch(session);
                    } catch (RuntimeException e) {
                        LOG.debug("the use of a session could not be noted", e);
                    }
                    return Caller.session(session, () -> memberships(session.person));
                });
    }

    /**
     * Refuses a change that a page of another site has made a browser send.
     *
     * @param sent the CSRF token that came with it, or null
     * @throws HttpProblem 403
     */
    public static void requireCsrfToken(HttpServerRequest request, String sent) {
        boolean holds = SAFE_METHODS.contains(request.method())
                || SessionCookie.of(request)
                        .filter(it -> CsrfToken.matches(it, sent))
                        .isPresent();
        if (!holds) {
            throw new HttpProblem(
                    403, "the CSRF token is missing or of another session: load the page again", CsrfToken.HEADER);
        }
    }

    private Caller authenticateScript(HttpServerRequest request, String secret) {
        ApiToken token = lookUp(request, secret, tokens.get()::find)
                .orElseThrow(() -> new HttpProblem(401, "the token is not valid, or not any more", null));
        try {
            tokens.get().touch(token);
        } catch (RuntimeException e) {
            LOG.debug("the use of a token could not be noted", e);
        }
        return Caller.apiToken(token, () -> memberships(token));
    }

    private Map<String, Membership> memberships(ApiToken token) {
        Map<String, Membership> own = memberships(token.person);
        own.keySet().retainAll(Set.of(token.account));
        if (token.access == ApiToken.Access.Read) {
            own.replaceAll((_, it) -> new Membership(it.displayName(), Role.Viewer));
        }
        return own;
    }

    /** What was not valid before needs an attempt of its address before the database is asked. */
    private <T> Optional<T> lookUp(HttpServerRequest request, String secret, Function<String, Optional<T>> find) {
        String hash = HexFormat.of().formatHex(OpaqueTokens.hash(secret));
        boolean stranger = !known.contains(hash);
        if (stranger) {
            attempts.check(request);
        }
        try {
            Optional<T> found = find.apply(secret);
            found.ifPresentOrElse(_ -> known.add(hash), () -> known.remove(hash));
            return found;
        } finally {
            if (stranger) {
                attempts.giveBack(request); // a refusal counts by itself
            }
        }
    }

    private Map<String, Membership> memberships(Person person) {
        // No person is a ServiceAccount, whatever their provider calls them.
        return person.subject.startsWith("system:") ? new HashMap<>() : memberships(person.subject, false);
    }

    private Map<String, Membership> memberships(String subject, boolean all) {
        return accounts.all().stream()
                .filter(it -> all || it.roles().containsKey(subject))
                .collect(Collectors.toMap(
                        CachedAccount::name,
                        it -> new Membership(it.displayName(), it.roles().getOrDefault(subject, Role.Viewer))));
    }
}
