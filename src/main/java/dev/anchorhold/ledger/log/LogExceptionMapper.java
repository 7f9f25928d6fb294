package dev.anchorhold.ledger.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.platform.web.HttpProblem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Maps {@link DamagedLog} to a response that says where the log is damaged, so that a verifier can say it too. */
class LogExceptionMapper {

    @ServerExceptionMapper
    Response damaged(DamagedLog damaged) {
        var body = new Body(500, "DamagedLog: " + damaged.getMessage(), damaged.index());
        return Response.status(500).type(HttpProblem.MEDIA_TYPE).entity(body).build();
    }

    /** @param index of the first entry that is not right, if it is known */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Body(int status, String detail, Long index) {}
}
