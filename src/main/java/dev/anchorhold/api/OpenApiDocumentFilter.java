package dev.anchorhold.api;

import dev.anchorhold.identity.CsrfToken;
import dev.anchorhold.identity.SessionCookie;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * Completes the OpenAPI document when it is built: only what people and their programs may call is in it, and each call says who
 * is let in and what a refusal looks like.
 */
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public class OpenApiDocumentFilter implements OASFilter {
    private static final String PROBLEM = "Problem";
    private static final String TOKEN = "token";
    private static final String SESSION = "session";
    private static final Map<String, String> REFUSALS = Map.of(
            "400", "A parameter breaks its rule: `field` names it, `detail` says what it must be.",
            "401", "There is no token and no session, or none that is valid.",
            "403", "You may not do this, or the CSRF token is missing; `detail` says which.",
            "404", "It is not there, or not yours to see: nobody can tell which.",
            "503", "The database or Kubernetes does not answer. Try again.");

    @Override
    public void filterOpenAPI(OpenAPI document) {
        Map<String, PathItem> open = new TreeMap<>(document.getPaths().getPathItems());
        open.keySet().removeIf(path -> !path.startsWith("/api/") && !path.startsWith("/log/"));
        document.getPaths().setPathItems(open);
        document.getComponents()
                .addSecurityScheme(
                        TOKEN,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .description("A ServiceAccount's token: `kubectl create token NAME --audience"
                                        + " anchorhold-companion`. It opens the accounts that name it as a member. Or a token of"
                                        + " `/api/tokens`, which opens one account for the person who made it."))
                .addSecurityScheme(
                        SESSION,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.APIKEY)
                                .in(SecurityScheme.In.COOKIE)
                                .name(SessionCookie.NAME)
                                .description("The session of a browser. A change needs the header `" + CsrfToken.HEADER
                                        + "` too, with what the page has in its `meta` element `csrf-token`."))
                .addSchema(PROBLEM, problem());
        open.forEach((path, item) -> item.getOperations().values().forEach(it -> complete(path, it)));
    }

    private static void complete(String path, Operation operation) {
        if (path.startsWith("/api/")) {
            operation.setSecurity(List.of(
                    OASFactory.createSecurityRequirement().addScheme(TOKEN),
                    OASFactory.createSecurityRequirement().addScheme(SESSION)));
            REFUSALS.forEach((status, why) -> operation.getResponses().addAPIResponse(status, refusal(why)));
        }
    }

    private static APIResponse refusal(String why) {
        return OASFactory.createAPIResponse()
                .description(why)
                .content(OASFactory.createContent()
                        .addMediaType(
                                "application/problem+json",
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref(PROBLEM))));
    }

    private static Schema problem() {
        return OASFactory.createSchema()
                .description("What is wrong (RFC 9457).")
                .addType(SchemaType.OBJECT)
                .addProperty("type", text("always about:blank"))
                .addProperty("title", text("the status, in words"))
                .addProperty("status", OASFactory.createSchema().addType(SchemaType.INTEGER))
                .addProperty("detail", text("what to do about it"))
                .addProperty("field", text("which parameter is wrong"));
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(SchemaType.STRING).description(description);
    }
}
