package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.InternalApiAccess;
import dev.anchorhold.platform.web.RequestBodies;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.UUID;

/** The internal endpoint to which the operator delivers the journals of its resources, and asks what is recorded. */
@Path("/internal/v1/journals")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class JournalResource {
    /** {@link Delivery#MAX_ENTRIES} entries, each the only one of its resource, with texts as long as they may be. */
    private static final int MAX_BODY = 4 << 20;

    private final Instance<TransparencyLog> log;
    private final Instance<LogEvents> events;
    private final Instance<InternalApiAccess> access;

    private final MeterRegistry meters;

    JournalResource(
            Instance<TransparencyLog> log,
            Instance<LogEvents> events,
            Instance<InternalApiAccess> access,
            MeterRegistry meters) {
        this.log = log;
        this.events = events;
        this.access = access;
        this.meters = meters;
    }

    @POST
    public DeliveryResult record(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, InputStream body) {
        access.get().authorize(authorization);
        Delivery delivery = RequestBodies.read(body, MAX_BODY, JsonMappers.STRICT, Delivery.class);
        return meters.timer("anchorhold.ledger.record.duration")
                .record(() -> log.get().record(delivery));
    }

    /** The newest entry of a resource; an empty answer when the log does not know it. */
    @GET
    @Path("{uid}")
    public RecordedResource recorded(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, @PathParam("uid") String uid) {
        access.get().authorize(authorization);
        return events.get()
                .newestOf(resource(uid))
                .map(it -> new RecordedResource(it.subject(), it.entry()))
                .orElse(RecordedResource.NONE);
    }

    private static UUID resource(String uid) {
        try {
            return UUID.fromString(uid);
        } catch (IllegalArgumentException _) {
            throw new HttpProblem(400, "uid must be a UID", "uid");
        }
    }
}
