package dev.anchorhold.api;

import dev.anchorhold.identity.Caller;
import dev.anchorhold.resource.AccountSpec.Role;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Says who the caller is: {@code /api/me}. */
@Path("/api/me")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "You")
public class MeResource {
    private final CallerAccess access;

    MeResource(CallerAccess access) {
        this.access = access;
    }

    @Schema(name = "You")
    record You(
            @Schema(
                    description =
                            "as the books know you: `system:serviceaccount:NAMESPACE:NAME`, or `person:ISSUER#SUBJECT`")
            String user,

            @Schema(description = "for people to read") String displayName,
            @Schema(description = "what you have shown") Caller.Credential credential,

            @Schema(description = "what you may do, by account; an auditor who is no member reads as a Viewer")
            Map<String, Role> roles) {}

    @GET
    @Operation(summary = "Who you are, and in which accounts")
    public You get() {
        Caller caller = access.caller();
        Map<String, Role> roles = new TreeMap<>();
        caller.accounts().forEach((account, membership) -> roles.put(account, membership.role()));
        return new You(caller.user(), caller.displayName(), caller.credential(), roles);
    }
}
