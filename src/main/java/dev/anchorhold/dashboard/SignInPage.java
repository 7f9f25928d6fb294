package dev.anchorhold.dashboard;

import dev.anchorhold.identity.BrowserSessions;
import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.identity.SessionCookie;
import dev.anchorhold.platform.web.AttemptLimiter;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
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
import java.util.Optional;

/** Signs a browser in, by a link that is good once, and out. */
@Path("/dashboard")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class SignInPage {
    /** The field of a form that has the CSRF token. */
    static final String CSRF = "csrf";

    private final Instance<CallerAuthenticator> authenticator;
    private final Instance<BrowserSessions> sessions;
    private final Instance<AttemptLimiter> attempts;

    SignInPage(
            Instance<CallerAuthenticator> authenticator,
            Instance<BrowserSessions> sessions,
            Instance<AttemptLimiter> attempts) {
        this.authenticator = authenticator;
        this.sessions = sessions;
        this.attempts = attempts;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance signIn(boolean refused);

        private Templates() {}
    }

    @GET
    @Path("sign-in")
    public String signIn() {
        return Templates.signIn(false).render();
    }

    /** The session that the browser had ends: a cookie that somebody else has planted is worth nothing afterwards. */
    @GET
    @Path("sign-in/link")
    public Response byLink(@QueryParam("token") String token, @Context HttpServerRequest request) {
        attempts.get().check(request);
        Optional<String> session = Optional.ofNullable(token)
                .flatMap(it -> sessions.get()
                        .beginByLink(
                                it,
                                request.getHeader(HttpHeaders.USER_AGENT),
                                attempts.get().address(request)));
        if (session.isEmpty()) {
            return Response.status(Response.Status.FORBIDDEN)
                    .entity(Templates.signIn(true).render())
                    .build();
        }
        attempts.get().giveBack(request);
        end(request);
        return Response.fromResponse(Redirects.to(DashboardFilter.HOME))
                .cookie(SessionCookie.begin(session.get()))
                .build();
    }

    @POST
    @Path("sign-out")
    public Response signOut(InputStream body, @Context HttpServerRequest request) {
        CallerAuthenticator.requireCsrfToken(request, FormFields.of(body).get(CSRF));
        end(request);
        return Response.fromResponse(Redirects.to(DashboardFilter.SIGN_IN))
                .cookie(SessionCookie.end())
                .header("Clear-Site-Data", "\"cache\", \"storage\"")
                .build();
    }

    private void end(HttpServerRequest request) {
        Optional<Caller> caller = authenticator.get().authenticateBrowser(request);
        caller.ifPresent(
                it -> sessions.get().end(it.person().orElseThrow(), it.session().orElseThrow()));
    }
}
