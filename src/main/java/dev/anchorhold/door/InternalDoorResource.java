package dev.anchorhold.door;

import dev.anchorhold.door.message.AdoptedGuest;
import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestPage;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.InternalApiAccess;
import dev.anchorhold.platform.web.RequestBodies;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The endpoints of the door for the operator, {@code /internal/v1}: for the ServiceAccounts that {@link InternalApiAccess} lets
 * through, and nobody else.
 */
@Path("/internal/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class InternalDoorResource {
    private static final int MAX_DEPOSIT = 4 << 20;
    private static final int MAX_SETTINGS = 16 << 10;
    private static final int MAX_WAIT_SECONDS = 30;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

    private final Instance<Door> door;
    private final Instance<InternalApiAccess> access;

    InternalDoorResource(Instance<Door> door, Instance<InternalApiAccess> access) {
        this.door = door;
        this.access = access;
    }

    @PUT
    @Path("agents/{uid}/deposits")
    public void deposit(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @PathParam("uid") String uid,
            InputStream body) {
        access.get().authorize(authorization);
        door.get()
                .deposits
                .deposit(agent(uid), RequestBodies.read(body, MAX_DEPOSIT, JsonMappers.STRICT, Deposit.class));
    }

    @PUT
    @Path("agents/{uid}/settings")
    public void settings(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @PathParam("uid") String uid,
            InputStream body) {
        access.get().authorize(authorization);
        door.get()
                .deposits
                .settings(agent(uid), RequestBodies.read(body, MAX_SETTINGS, JsonMappers.STRICT, GuestSettings.class));
    }

    @PUT
    @Path("agents/{uid}/predecessors/{former}")
    public AdoptedGuest adopt(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @PathParam("uid") String uid,
            @PathParam("former") String former) {
        access.get().authorize(authorization);
        HttpProblem.require(!uid.equals(former), "former", "must be another agent's");
        return new AdoptedGuest(door.get().adoption.adopt(agent(uid), agent(former)));
    }

    @DELETE
    @Path("agents/{uid}")
    public void delete(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization, @PathParam("uid") String uid) {
        access.get().authorize(authorization);
        door.get().deposits.delete(agent(uid));
    }

    @GET
    @Path("guests")
    public GuestPage guests(
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @QueryParam("after") @DefaultValue("0") String after,
            @QueryParam("wait") @DefaultValue("0") String wait)
            throws InterruptedException {
        access.get().authorize(authorization);
        return door.get()
                .feed
                .after(
                        number(after, "after", Long.MAX_VALUE),
                        Duration.ofSeconds(number(wait, "wait", MAX_WAIT_SECONDS)));
    }

    private static long number(String text, String field, long max) {
        try {
            // Long.parseLong takes signs, and the digits of all scripts.
            if (NUMBER.matcher(text).matches() && Long.parseLong(text) <= max) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException _) {
            // said below
        }
        throw new HttpProblem(400, "%s must be a whole number from 0 to %d".formatted(field, max), field);
    }

    private static UUID agent(String uid) {
        return Uids.parse(uid).orElseThrow(() -> new HttpProblem(400, "uid must be a UID in lower case", "uid"));
    }
}
