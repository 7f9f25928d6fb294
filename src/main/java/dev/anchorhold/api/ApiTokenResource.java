package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.identity.ApiToken;
import dev.anchorhold.identity.ApiTokenRequest;
import dev.anchorhold.identity.ApiTokens;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RequestBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;

/** Makes, lists and revokes the tokens of a person's scripts: {@code /api/tokens}. For the person's own browser: no token makes or widens a token. */
@Path("/api/tokens")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "You")
public class ApiTokenResource {
    private static final int MAX_BODY = 4 << 10;

    private final CallerAccess access;
    private final Instance<ApiTokens> tokens;

    ApiTokenResource(CallerAccess access, Instance<ApiTokens> tokens) {
        this.access = access;
        this.tokens = tokens;
    }

    @Schema(name = "Token")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TokenItem(
            UUID id,
            String name,
            String account,
            ApiToken.Access access,
            Instant made,

            @Schema(description = "to the minute; absent before its first use")
            Instant lastUsed,

            Instant expires,

            @Schema(description = "the token itself, in the answer that makes it and never again")
            String token) {

        static TokenItem of(ApiToken it, String secret) {
            return new TokenItem(it.id, it.name, it.account, it.access, it.made, it.lastUsed, it.expires, secret);
        }
    }

    @GET
    @Operation(
            summary = "Your tokens, the newest first",
            description = "Not the tokens themselves: those are shown once.")
    public ResultPage<TokenItem, String> list() {
        return new ResultPage<>(
                tokens.get().of(access.requireBrowser()).stream()
                        .map(it -> TokenItem.of(it, null))
                        .toList(),
                null);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @ResponseStatus(201)
    @Operation(
            summary = "Make a token for a script",
            description =
                    "It is sent as `Authorization: Bearer …`, and opens one account for as long as you are its member.")
    public TokenItem create(
            @RequestBody(content = @Content(schema = @Schema(implementation = ApiTokenRequest.class)))
                    InputStream body) {
        access.requireBrowser();
        var request = RequestBodies.read(body, MAX_BODY, JsonMappers.STRICT, ApiTokenRequest.class);
        ApiTokens.NewToken made = tokens.get().create(access.caller(), request);
        return TokenItem.of(made.token(), made.secret());
    }

    @DELETE
    @Path("{id}")
    @Operation(summary = "Revoke a token", description = "It opens nothing any more, on every replica at once.")
    public void revoke(@Parameter(description = "the token's id") @PathParam("id") String id) {
        UUID token = UUID.fromString(QueryParameters.uid(id, "id"));
        if (!tokens.get().revoke(access.requireBrowser(), token)) {
            throw HttpProblem.notFound();
        }
    }
}
