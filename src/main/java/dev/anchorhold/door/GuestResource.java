package dev.anchorhold.door;

import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.web.AttemptLimiter;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.platform.web.RequestBodies;
import io.micrometer.core.instrument.MeterRegistry;
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

/**
 * The endpoints of the door for guests, open to the internet: {@code /guest/v1}. Without authentication one learns nothing but
 * yes, no, and not so often.
 */
@Path("/guest/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class GuestResource {
    private static final String BEARER = "Bearer ";
    private static final int MAX_BODY = 8 << 10;
    private static final int MAX_REPORT = 16 << 10;
    private static final int MAX_LOG_BODY = 256 << 10;

    private final Instance<Door> door;
    private final Instance<AttemptLimiter> limiter;

    private final MeterRegistry meters;

    GuestResource(Instance<Door> door, Instance<AttemptLimiter> limiter, MeterRegistry meters) {
        this.door = door;
        this.limiter = limiter;
        this.meters = meters;
    }

    record BootstrapRequest(String agent, String token, String publicKey) {}

    record NonceRequest(String agent) {}

    record NonceResponse(String nonce) {}

    record TokenRequest(String agent, String nonce, String signature) {}

    record ReportRequest(GuestReport report) {}

    record ReportResponse(long settingsVersion) {}

    record LogRequest(List<ReportIntake.LogLine> lines) {}

    @POST
    @Path("bootstrap")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object bootstrap(@Context HttpServerRequest request, InputStream body) {
        return unauthenticated(request, body, BootstrapRequest.class, message -> {
            if (message.token == null) {
                throw new GuestForbiddenException();
            }
            GuestKey key = GuestKey.fromPem(message.publicKey).orElseThrow(GuestForbiddenException::new);
            return counted(() -> door.get().authenticator.redeem(agent(message.agent), message.token, key));
        });
    }

    private <T> T counted(Supplier<T> redemption) {
        String outcome = "failed";
        try {
            T response = redemption.get();
            outcome = "granted";
            return response;
        } catch (GuestForbiddenException e) {
            outcome = "refused";
            throw e;
        } finally {
            meters.counter("anchorhold.door.redemptions", "outcome", outcome).increment();
        }
    }

    @POST
    @Path("nonce")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object nonce(@Context HttpServerRequest request, InputStream body) {
        return unauthenticated(
                request,
                body,
                NonceRequest.class,
                message -> new NonceResponse(door.get().authenticator.nonce(agent(message.agent))));
    }

    @POST
    @Path("token")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object token(@Context HttpServerRequest request, InputStream body) {
        return unauthenticated(request, body, TokenRequest.class, message -> {
            if (message.nonce == null || message.signature == null) {
                throw new GuestForbiddenException();
            }
            return door.get().authenticator.signIn(agent(message.agent), message.nonce, message.signature);
        });
    }

    @POST
    @Path("renew")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object renew(
            @Context HttpServerRequest request, @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization) {
        return authenticated(
                request, authorization, token -> door.get().authenticator.renew(token));
    }

    @GET
    @Path("payload")
    @ResponseHeader(name = HttpHeaders.CACHE_CONTROL, value = "no-store")
    public Object payload(
            @Context HttpServerRequest request, @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization) {
        return authenticated(
                request, authorization, token -> door.get().authenticator.payload(token));
    }

    @POST
    @Path("report")
    public Object report(
            @Context HttpServerRequest request,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            InputStream body) {
        return authenticated(request, authorization, token -> {
            door.get().authenticator.check(token);
            GuestReport report = RequestBodies.read(body, MAX_REPORT, JsonMappers.LENIENT, ReportRequest.class).report;
            if (report == null) {
                throw new HttpProblem(400, "report must be given", "report");
            }
            return new ReportResponse(door.get().reports.report(token, report));
        });
    }

    @POST
    @Path("logs")
    public void logs(
            @Context HttpServerRequest request,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            InputStream body) {
        authenticated(request, authorization, token -> {
            door.get().authenticator.check(token);
            List<ReportIntake.LogLine> lines =
                    RequestBodies.read(body, MAX_LOG_BODY, JsonMappers.LENIENT, LogRequest.class).lines;
            if (lines == null) {
                throw new HttpProblem(400, "lines must be given", "lines");
            }
            door.get().reports.log(token, lines);
            return null;
        });
    }

    /** Each attempt counts; what cannot be read is refused like anything else. */
    private <T> Object unauthenticated(
            HttpServerRequest request, InputStream body, Class<T> type, Function<T, Object> work) {
        limiter.get().check(request);
        T message;
        try {
            message = RequestBodies.read(body, MAX_BODY, JsonMappers.LENIENT, type);
        } catch (HttpProblem _) {
            throw new GuestForbiddenException();
        }
        return work.apply(message);
    }

    /**
     * A call with a callback token counts as an attempt only if the token is not valid. That is for the database to say: so a token
     * that this process does not know counts first, and what it took is given back unless the token is refused. Of many at once no
     * more ask the database than their address has attempts. The body is read when the token is known to be valid: only then is it
     * worth reading, and an error worth explaining.
     */
    private Object authenticated(HttpServerRequest request, String authorization, Function<String, Object> work) {
        String token = bearer(authorization);
        CallbackTokens tokens = door.get().tokens;
        boolean counted = !tokens.isKnown(token);
        if (counted) {
            limiter.get().check(request);
        }
        try {
            return door.get().share.call(tokens.parse(token), () -> work.apply(token));
        } catch (GuestForbiddenException e) {
            counted = false; // for good
            throw e;
        } finally {
            if (counted) {
                limiter.get().giveBack(request);
            }
        }
    }

    private static String bearer(String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length()).strip()
                : "";
    }

    private static UUID agent(String uid) {
        return Uids.parse(uid).orElseThrow(GuestForbiddenException::new);
    }
}
