package dev.anchorhold.ledger.log;

import dev.anchorhold.platform.web.Problem;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** What is answered of a log that somebody has damaged: where, so that a verifier can say it. */
class Failures {

    @ServerExceptionMapper
    Response damaged(DamagedLog damaged) {
        return Problem.response(500, "DamagedLog: " + damaged.getMessage(), null);
    }
}
