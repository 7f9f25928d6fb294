package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Receipt;
import dev.anchorhold.platform.Wire;
import dev.anchorhold.platform.web.Bodies;
import dev.anchorhold.platform.web.Callers;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;

/** Where the operator brings what happened. */
@Path("/internal/v1/journals")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class JournalResource {
    /** {@link Delivery#MOST} entries, each the only one of its resource, with texts as long as they may be. */
    private static final int LARGEST_DELIVERY = 4 << 20;

    private final Instance<Log> log;
    private final Instance<Callers> callers;

    JournalResource(Instance<Log> log, Instance<Callers> callers) {
        this.log = log;
        this.callers = callers;
    }

    @POST
    public Receipt record(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, InputStream body) {
        callers.get().check(authorization);
        return log.get().record(Bodies.read(body, LARGEST_DELIVERY, Wire.STRICT, Delivery.class));
    }
}
