package dev.anchorhold.api;

import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RateLimiter;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import java.lang.reflect.Method;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Authenticates every request under {@code /api}, refuses unknown query parameters at every path, and sets the headers that all responses have.
 */
class ApiFilter {
    private static final String API = "/api/";
    private static final String CORRECTIONS = "/api/corrections";
    private static final String SESSIONS = "/api/sessions";
    private static final String TOKENS = "/api/tokens";

    private final Instance<CallerAuthenticator> authenticator;
    private final CallerAccess access;
    private final RateLimiter calls;
    private final Map<Method, Set<String>> parameters = new ConcurrentHashMap<>();

    ApiFilter(
            Instance<CallerAuthenticator> authenticator, CallerAccess access, Settings settings, InstantSource clock) {
        this.authenticator = authenticator;
        this.access = access;
        this.calls = new RateLimiter(settings.api().callsPerMinute(), clock);
    }

    @ServerRequestFilter
    void authenticate(ContainerRequestContext request, ResourceInfo resource, HttpServerRequest connection) {
        if (request.getUriInfo().getPath().startsWith(API)) {
            Caller caller = authenticator.get().authenticate(connection);
            calls.consume(caller.user()).ifPresent(wait -> {
                throw HttpProblem.tooMany("too many calls", wait);
            });
            access.begin(caller);
        }
        if (resource.getResourceMethod() != null) {
            Set<String> known = parameters.computeIfAbsent(resource.getResourceMethod(), ApiFilter::parameters);
            for (String name : request.getUriInfo().getQueryParameters().keySet()) {
                // A filter whose name is misspelt would give more than was asked for.
                if (!known.contains(name)) {
                    throw new HttpProblem(
                            400, "there is a parameter that is not known; known are: " + list(known), null);
                }
            }
        }
    }

    private static Set<String> parameters(Method method) {
        return Arrays.stream(method.getParameters())
                .map(it -> it.getAnnotation(QueryParam.class))
                .filter(Objects::nonNull)
                .map(QueryParam::value)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String list(Set<String> names) {
        return names.isEmpty() ? "none" : names.stream().sorted().collect(Collectors.joining(", "));
    }

    /** No cache on the way keeps what one caller reads, and no browser guesses another type for it. */
    @ServerResponseFilter
    void addSecurityHeaders(ContainerRequestContext request, ContainerResponseContext response) {
        if (request.getUriInfo().getPath().startsWith(API)) {
            response.getHeaders().putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
            response.getHeaders().putSingle("X-Content-Type-Options", "nosniff");
            if (response.getStatus() == 405) {
                response.getHeaders()
                        .putSingle(
                                HttpHeaders.ALLOW, allowed(request.getUriInfo().getPath()));
            }
        }
    }

    private static String allowed(String path) {
        if (path.startsWith(CORRECTIONS)) {
            return "POST, OPTIONS";
        }
        String reads = "GET, HEAD, OPTIONS";
        return switch (path) {
            case TOKENS -> "POST, " + reads;
            case SESSIONS -> "DELETE, " + reads;
            default -> path.startsWith(TOKENS + "/") || path.startsWith(SESSIONS + "/") ? "DELETE, OPTIONS" : reads;
        };
    }
}
