package dev.anchorhold.dashboard;

import dev.anchorhold.api.CallerAccess;
import dev.anchorhold.api.QueryParameters;
import dev.anchorhold.identity.ApiToken;
import dev.anchorhold.identity.ApiTokenRequest;
import dev.anchorhold.identity.ApiTokens;
import dev.anchorhold.identity.BrowserSession;
import dev.anchorhold.identity.BrowserSessions;
import dev.anchorhold.identity.Caller;
import dev.anchorhold.identity.CallerAuthenticator;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.platform.web.HttpProblem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import java.util.UUID;

/** Shows where a person is signed in, and the tokens of their scripts; forms there end and make them. */
@Path("/dashboard/you")
@Produces(MediaType.TEXT_HTML)
@RunOnVirtualThread
public class YouPage {
    private static final int UNPROCESSABLE = 422;

    private final CallerAccess access;
    private final Instance<BrowserSessions> sessions;
    private final Instance<ApiTokens> tokens;

    YouPage(CallerAccess access, Instance<BrowserSessions> sessions, Instance<ApiTokens> tokens) {
        this.access = access;
        this.sessions = sessions;
        this.tokens = tokens;
    }

    @CheckedTemplate(basePath = "dashboard")
    static final class Templates {
        static native TemplateInstance you(PageFrame frame, YouView you);

        private Templates() {}
    }

    /**
     * What the page shows.
     *
     * @param secret of a token that was just made; else null
     * @param problem why what was asked for was not done; else null
     */
    record YouView(String user, List<SessionRow> sessions, List<ApiToken> tokens, String secret, String problem) {}

    /** @param current whether it is the browser that asks */
    record SessionRow(BrowserSession session, boolean current) {}

    @GET
    public String get(@Context HttpServerRequest request) {
        return page(request, null, null);
    }

    private String page(HttpServerRequest request, String secret, String problem) {
        Caller caller = access.caller();
        UUID person = caller.person().orElseThrow();
        return Templates.you(
                        PageFrame.of(access, request),
                        new YouView(
                                caller.user(),
                                sessions.get().of(person).stream()
                                        .map(it -> new SessionRow(
                                                it,
                                                caller.session()
                                                        .filter(it.id::equals)
                                                        .isPresent()))
                                        .toList(),
                                tokens.get().of(person),
                                secret,
                                problem))
                .render();
    }

    /** For whoever comes back to the address of the form below. */
    @GET
    @Path("tokens")
    public Response tokens() {
        return back();
    }

    /** The answer shows the token, once. */
    @POST
    @Path("tokens")
    public Response makeToken(InputStream body, @Context HttpServerRequest request) {
        FormFields form = form(body, request);
        String days = form.get("days");
        try {
            var wanted = new ApiTokenRequest(
                    form.get("name"),
                    form.get("account"),
                    "Write".equals(form.get("access")) ? ApiToken.Access.Write : ApiToken.Access.Read,
                    days != null && days.matches("[0-9]{1,3}") ? Integer.valueOf(days) : null);
            String secret = tokens.get().create(access.caller(), wanted).secret();
            return Response.ok(page(request, secret, null)).build();
        } catch (InvalidFieldException | HttpProblem e) {
            return Response.status(UNPROCESSABLE)
                    .entity(page(request, null, e.getMessage()))
                    .build();
        }
    }

    @POST
    @Path("tokens/{id}/revoke")
    public Response revokeToken(InputStream body, @PathParam("id") String id, @Context HttpServerRequest request) {
        form(body, request);
        tokens.get().revoke(access.caller().person().orElseThrow(), UUID.fromString(QueryParameters.uid(id, "id")));
        return back();
    }

    @POST
    @Path("sessions/{id}/end")
    public Response endSession(InputStream body, @PathParam("id") String id, @Context HttpServerRequest request) {
        form(body, request);
        sessions.get().end(access.caller().person().orElseThrow(), UUID.fromString(QueryParameters.uid(id, "id")));
        return back();
    }

    @POST
    @Path("sessions/end")
    public Response endAllSessions(InputStream body, @Context HttpServerRequest request) {
        form(body, request);
        sessions.get().endAll(access.caller().person().orElseThrow());
        return back();
    }

    private static FormFields form(InputStream body, HttpServerRequest request) {
        FormFields form = FormFields.of(body);
        CallerAuthenticator.requireCsrfToken(request, form.get(SignInPage.CSRF));
        return form;
    }

    private static Response back() {
        return Redirects.to(DashboardFilter.HOME + "you");
    }
}
