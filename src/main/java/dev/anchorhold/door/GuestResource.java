package dev.anchorhold.door;

import dev.anchorhold.door.message.Report;
import dev.anchorhold.platform.Wire;
import dev.anchorhold.platform.web.Bodies;
import dev.anchorhold.platform.web.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.ResponseHeader;

/** The door as the internet sees it. Nothing is said to strangers but yes, no, and not so often. */
@Path("/guest/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class GuestResource {
    private static final String BEARER = "Bearer ";
    private static final int SMALL = 8 << 10;
    private static final int LARGEST_REPORT = 16 << 10;
    private static final int MOST_LINES = 256 << 10;

    private final Instance<Door> door;
    private final Instance<Strangers> strangers;

    GuestResource(Instance<Door> door, Instance<Strangers> strangers) {
        this.door = door;
        this.strangers = strangers;
    }

    record Bootstrap(String agent, String token, String publicKey) {}

    record WantsNonce(String agent) {}

    record Nonce(String nonce) {}

    record SignIn(String agent, String nonce, String signature) {}

    record Reported(Report report) {}

    record Received(long settingsVersion) {}

    record Lines(List<Reception.Line> lines) {}

    @POST
    @Path("bootstrap")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object bootstrap(@Context HttpServerRequest request, InputStream body) {
        return stranger(request, body, Bootstrap.class, sent -> {
            if (sent.token == null) {
                throw new Refused();
            }
            GuestKey key = GuestKey.fromPem(sent.publicKey).orElseThrow(Refused::new);
            return door.get().entrance.redeem(agent(sent.agent), sent.token, key);
        });
    }

    @POST
    @Path("nonce")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object nonce(@Context HttpServerRequest request, InputStream body) {
        return stranger(
                request,
                body,
                WantsNonce.class,
                sent -> new Nonce(door.get().entrance.nonce(agent(sent.agent))));
    }

    @POST
    @Path("token")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object token(@Context HttpServerRequest request, InputStream body) {
        return stranger(request, body, SignIn.class, sent -> {
            if (sent.nonce == null || sent.signature == null) {
                throw new Refused();
            }
            return door.get().entrance.signIn(agent(sent.agent), sent.nonce, sent.signature);
        });
    }

    @POST
    @Path("renew")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object renew(
            @Context HttpServerRequest request, @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization) {
        return guest(request, () -> door.get().entrance.renew(bearer(authorization)));
    }

    @GET
    @Path("payload")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object payload(
            @Context HttpServerRequest request, @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization) {
        return guest(request, () -> door.get().entrance.payload(bearer(authorization)));
    }

    @POST
    @Path("report")
    public Object report(
            @Context HttpServerRequest request,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            InputStream body) {
        return guest(request, () -> {
            String token = known(authorization);
            Report report = Bodies.read(body, LARGEST_REPORT, Wire.LENIENT, Reported.class).report;
            if (report == null) {
                throw new Problem(400, "report must be given", "report");
            }
            return new Received(door.get().reception.report(token, report));
        });
    }

    @POST
    @Path("logs")
    public void logs(
            @Context HttpServerRequest request,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            InputStream body) {
        guest(request, () -> {
            String token = known(authorization);
            List<Reception.Line> lines = Bodies.read(body, MOST_LINES, Wire.LENIENT, Lines.class).lines;
            door.get().reception.log(token, lines == null ? List.of() : lines);
            return null;
        });
    }

    /** Each attempt of a stranger counts; what cannot be read is refused like anything else. */
    private <T> Object stranger(HttpServerRequest request, InputStream body, Class<T> type, Function<T, Object> work) {
        strangers.get().count(request);
        T sent;
        try {
            sent = Bodies.read(body, SMALL, Wire.LENIENT, type);
        } catch (Problem _) {
            throw new Refused();
        }
        return work.apply(sent);
    }

    /** Who brings a callback token counts as a stranger only if it is none. */
    private Object guest(HttpServerRequest request, Supplier<Object> work) {
        try {
            return work.get();
        } catch (Refused refused) {
            strangers.get().count(request);
            throw refused;
        }
    }

    /** The token, once it is known that it opens: only then is a body worth reading, and an error worth explaining. */
    private String known(String authorization) {
        String token = bearer(authorization);
        door.get().entrance.check(token);
        return token;
    }

    private static String bearer(String authorization) {
        return authorization != null && authorization.startsWith(BEARER)
                ? authorization.substring(BEARER.length()).strip()
                : "";
    }

    private static UUID agent(String uid) {
        return Uids.parse(uid).orElseThrow(Refused::new);
    }
}
