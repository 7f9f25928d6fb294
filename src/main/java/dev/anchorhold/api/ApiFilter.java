package dev.anchorhold.api;

import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.platform.web.HttpProblem;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** What holds for every call under {@code /api}: somebody calls, and says nothing that would not be heard. */
class ApiFilter {
    private static final String API = "/api/";

    private final Instance<CallerAuthenticator> identities;
    private final CallerAccess callerAccess;
    private final Map<Method, Set<String>> parameters = new ConcurrentHashMap<>();

    ApiFilter(Instance<CallerAuthenticator> identities, CallerAccess callerAccess) {
        this.identities = identities;
        this.callerAccess = callerAccess;
    }

    @ServerRequestFilter
    void authenticate(ContainerRequestContext call, ResourceInfo called) {
        if (call.getUriInfo().getPath().startsWith(API)) {
            callerAccess.begin(identities.get().authenticate(call.getHeaderString(HttpHeaders.AUTHORIZATION)));
            Set<String> known = parameters.computeIfAbsent(called.getResourceMethod(), ApiFilter::parameters);
            for (String name : call.getUriInfo().getQueryParameters().keySet()) {
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

    /** What is told to one caller is kept by nobody in between, and taken for nothing but what it is. */
    @ServerResponseFilter
    void addSecurityHeaders(ContainerRequestContext call, ContainerResponseContext answer) {
        if (call.getUriInfo().getPath().startsWith(API)) {
            answer.getHeaders().putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
            answer.getHeaders().putSingle("X-Content-Type-Options", "nosniff");
            if (answer.getStatus() == 405) {
                answer.getHeaders().putSingle(HttpHeaders.ALLOW, "GET, HEAD, OPTIONS");
            }
        }
    }
}
