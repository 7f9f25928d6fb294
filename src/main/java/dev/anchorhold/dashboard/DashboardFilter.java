package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RateLimiter;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Leads whoever is not signed in to where one signs in, and sets the headers that all pages have. */
class DashboardFilter {
    static final String HOME = "/dashboard/";
    static final String SIGN_IN = HOME + "sign-in";
    static final String SIGN_OUT = HOME + "sign-out";
    static final String DOCS = HOME + "docs";
    static final String STATIC = HOME + "static/";

    /** Nothing of another origin is loaded, nothing written into a page runs, and no other site shows it in a frame. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private final Instance<CallerAuthenticator> authenticator;
    private final CallerAccess access;
    private final RateLimiter calls;

    DashboardFilter(
            Instance<CallerAuthenticator> authenticator, CallerAccess access, Settings settings, InstantSource clock) {
        this.authenticator = authenticator;
        this.access = access;
        this.calls = new RateLimiter(settings.api().callsPerMinute(), clock);
    }

    @ServerRequestFilter
    Response authenticate(ContainerRequestContext request, HttpServerRequest connection) {
        String path = request.getUriInfo().getPath();
        if (!path.startsWith(HOME)
                || path.startsWith(SIGN_IN)
                || path.equals(SIGN_OUT)
                || path.startsWith(STATIC)
                || path.startsWith(DOCS)) {
            return null;
        }
        Optional<Caller> caller = authenticator.get().authenticateBrowser(connection);
        if (caller.isEmpty()) {
            return Redirects.to(SIGN_IN);
        }
        calls.consume(caller.get().user()).ifPresent(wait -> {
            throw HttpProblem.tooMany("too many calls", wait);
        });
        access.begin(caller.get());
        return null;
    }

    @ServerResponseFilter
    void addSecurityHeaders(ContainerRequestContext request, ContainerResponseContext response) {
        String path = request.getUriInfo().getPath();
        if (path.startsWith(HOME)) {
            var headers = response.getHeaders();
            headers.putSingle("Content-Security-Policy", CONTENT_SECURITY_POLICY);
            headers.putSingle("X-Content-Type-Options", "nosniff");
            headers.putSingle("Referrer-Policy", "same-origin");
            headers.putSingle("Cross-Origin-Opener-Policy", "same-origin");
            if (!path.startsWith(STATIC)) {
                headers.putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
            }
        }
    }
}
