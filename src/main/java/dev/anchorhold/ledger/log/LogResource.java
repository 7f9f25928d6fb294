package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.platform.web.HttpProblem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/**
 * The public endpoints of the log, C2SP tlog-tiles below {@code /log}, for whoever wants to check or mirror it: no token is
 * needed. They show how many events there are and when; what these say is not in them.
 */
@Path("/log")
@RunOnVirtualThread
public class LogResource {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String FOR_EVER = "public, max-age=31536000, immutable";

    private final Instance<TransparencyLog> log;
    private final Instance<ProofBuilder> proofs;
    private final Instance<TileReader> tiles;

    LogResource(Instance<TransparencyLog> log, Instance<ProofBuilder> proofs, Instance<TileReader> tiles) {
        this.log = log;
        this.proofs = proofs;
        this.tiles = tiles;
    }

    @GET
    @Path("key")
    public Response key() {
        return Response.ok(log.get().key().text() + "\n", TEXT).build();
    }

    @GET
    @Path("checkpoint")
    public Response checkpoint() {
        return note(log.get().head());
    }

    /** The checkpoint of exactly this size, if the log stopped there once: to compare with one that was kept. */
    @GET
    @Path("checkpoint/{size: [0-9]{1,18}}")
    public Response checkpoint(@PathParam("size") long size) {
        return note(proofs.get()
                .checkpoint(size)
                .orElseThrow(() -> new HttpProblem(404, "no checkpoint has this size", null)));
    }

    @GET
    @Path("tile/{path: .+}")
    public Response tile(@PathParam("path") String path) {
        TilePath tile = TilePath.parse("tile/" + path)
                .orElseThrow(() -> new HttpProblem(404, "this is no tile's path (C2SP tlog-tiles)", null));
        byte[] bytes = tiles.get()
                .at(tile)
                .orElseThrow(() -> new HttpProblem(404, "the log has no such tile, or it is not so wide", null));
        Response.ResponseBuilder answer = Response.ok(bytes, MediaType.APPLICATION_OCTET_STREAM);
        return tile.full() ? answer.header(HttpHeaders.CACHE_CONTROL, FOR_EVER).build() : answer.build();
    }

    private static Response note(SignedTreeHead head) {
        return Response.ok(head.note(), TEXT)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }
}
