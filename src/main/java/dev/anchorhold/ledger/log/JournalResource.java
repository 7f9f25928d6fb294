package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.InternalApiAccess;
import dev.anchorhold.platform.web.RequestBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;

/** The internal endpoint to which the operator delivers the journals of its resources. */
@Path("/internal/v1/journals")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class JournalResource {
    /** {@link Delivery#MAX_ENTRIES} entries, each the only one of its resource, with texts as long as they may be. */
    private static final int MAX_BODY = 4 << 20;

    private final Instance<TransparencyLog> log;
    private final Instance<InternalApiAccess> access;

    JournalResource(Instance<TransparencyLog> log, Instance<InternalApiAccess> access) {
        this.log = log;
        this.access = access;
    }

    @POST
    public DeliveryResult record(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, InputStream body) {
        access.get().authorize(authorization);
        return log.get().record(RequestBodies.read(body, MAX_BODY, JsonMappers.STRICT, Delivery.class));
    }
}
