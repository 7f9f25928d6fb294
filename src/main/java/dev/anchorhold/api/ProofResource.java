package dev.anchorhold.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.ledger.log.LogEvent;
import dev.anchorhold.ledger.log.LogEvents;
import dev.anchorhold.ledger.log.ProofBuilder;
import dev.anchorhold.ledger.log.SignedTreeHead;
import dev.anchorhold.ledger.log.TransparencyLog;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Base64;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * Serves inclusion and consistency proofs (RFC 6962), for those who would rather not compute them from the log's tiles: {@code
 * /api/proofs}.
 */
@Path("/api/proofs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Proofs", description = "Hashes are base64 of 32 bytes. The log itself is at `/log/`, for everybody.")
public class ProofResource {
    private static final String CHECKPOINT =
            "the signed checkpoint of that size (C2SP tlog-checkpoint); absent when none was signed";

    private final CallerAccess access;
    private final Instance<LogEvents> events;
    private final Instance<TransparencyLog> log;
    private final Instance<ProofBuilder> proofs;

    ProofResource(
            CallerAccess access,
            Instance<LogEvents> events,
            Instance<TransparencyLog> log,
            Instance<ProofBuilder> proofs) {
        this.access = access;
        this.events = events;
        this.log = log;
        this.proofs = proofs;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Inclusion(
            long index,
            long size,
            String leafHash,
            List<String> hashes,
            @Schema(description = CHECKPOINT) String checkpoint) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Consistency(
            long from,
            long to,
            List<String> hashes,
            @Schema(description = CHECKPOINT) String checkpoint) {}

    @GET
    @Path("inclusion/{index}")
    @Operation(summary = "That an event is in the log", description = "Of an event that you may see.")
    public Inclusion inclusion(
            @Parameter(description = "the event's leaf, from 0") @PathParam("index") String index,
            @Parameter(description = "in the log of this size; as it is now, unless given") @QueryParam("size")
                    String size) {
        LogEvent event = AuditEventResource.visible(access, events.get(), index);
        SignedTreeHead newest = log.get().head();
        long in = size == null ? newest.size() : QueryParameters.number(size, "size", event.index() + 1, newest.size());
        return new Inclusion(
                event.index(),
                in,
                base64(event.leafHash()),
                proofs.get().inclusion(event.index(), in).stream()
                        .map(ProofResource::base64)
                        .toList(),
                note(newest, in));
    }

    @GET
    @Path("consistency")
    @Operation(
            summary = "That the log only grew",
            description =
                    "From one size to another: whoever kept a checkpoint of the first finds nothing of it changed in the second.")
    public Consistency consistency(
            @Parameter(description = "the smaller size", required = true) @QueryParam("from") String from,
            @Parameter(description = "the larger size; as it is now, unless given") @QueryParam("to") String to) {
        SignedTreeHead newest = log.get().head();
        long smaller = QueryParameters.number(from, "from", 0, newest.size());
        long larger = to == null ? newest.size() : QueryParameters.number(to, "to", smaller, newest.size());
        return new Consistency(
                smaller,
                larger,
                proofs.get().consistency(smaller, larger).stream()
                        .map(ProofResource::base64)
                        .toList(),
                note(newest, larger));
    }

    private String note(SignedTreeHead newest, long size) {
        return newest.size() == size
                ? newest.note()
                : proofs.get().checkpoint(size).map(SignedTreeHead::note).orElse(null);
    }

    private static String base64(byte[] hash) {
        return Base64.getEncoder().encodeToString(hash);
    }
}
