package dev.anchorhold.dashboard;

import dev.anchorhold.identity.BrowserSessions;
import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.identity.SessionCookie;
import dev.anchorhold.platform.web.AttemptLimiter;
import dev.anchorhold.platform.web.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Signs a browser in, by a link that is good once, and out. */
@Path("/dashboard")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class SignInPage {
    /** The field of a form that has the CSRF token. */
    static final String CSRF = "csrf";

    private final Instance<BrowserSessions> sessions;
    private final Instance<AttemptLimiter> attempts;

    SignInPage(Instance<BrowserSessions> sessions, Instance<AttemptLimiter> attempts) {
        this.sessions = sessions;
        this.attempts = attempts;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance signIn(String link, boolean refused);

        private Templates() {}
    }

    @GET
    @Path("sign-in")
    public String signIn() {
        return Templates.signIn(null, false).render();
    }

    /** Only asks: what looks at links before people do must not spend this one. */
    @GET
    @Path("sign-in/link")
    public String ask(@QueryParam("token") @DefaultValue("") String token) {
        return Templates.signIn(token, false).render();
    }

    @POST
    @Path("sign-in/link")
    public Response byLink(InputStream body, @Context HttpServerRequest request) {
        // A foreign page would sign a browser in as somebody else.
        if (!Set.of("same-origin", "none")
                .contains(Objects.requireNonNullElse(request.getHeader("Sec-Fetch-Site"), "none"))) {
            throw new HttpProblem(403, "open the link itself: another site's page may not sign you in", null);
        }
        attempts.get().check(request);
        Optional<String> session = Optional.ofNullable(FormFields.of(body).get("token"))
                .flatMap(it -> sessions.get()
                        .beginByLink(
                                it,
                                SessionCookie.of(request).orElse(null),
                                request.getHeader(HttpHeaders.USER_AGENT),
                                attempts.get().address(request)));
        if (session.isEmpty()) {
            return Response.status(Response.Status.FORBIDDEN)
                    .entity(Templates.signIn(null, true).render())
                    .build();
        }
        attempts.get().giveBack(request);
        return Response.fromResponse(Redirects.to(DashboardFilter.HOME))
                .cookie(SessionCookie.begin(session.get()))
                .build();
    }

    @POST
    @Path("sign-out")
    public Response signOut(InputStream body, @Context HttpServerRequest request) {
        CallerAuthenticator.requireCsrfToken(request, FormFields.of(body).get(CSRF));
        SessionCookie.of(request).ifPresent(sessions.get()::end);
        return Response.fromResponse(Redirects.to(DashboardFilter.SIGN_IN))
                .cookie(SessionCookie.end())
                .header("Clear-Site-Data", "\"cache\", \"storage\"")
                .build();
    }
}
