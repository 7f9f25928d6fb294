package dev.anchorhold.dashboard;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Leads a browser to another page of ours: by a path alone, so that no Host header and no proxy says where. */
final class Redirects {
    private Redirects() {}

    /** 303: whatever was sent, the page is asked for by GET. */
    static Response to(String path) {
        return Response.status(Response.Status.SEE_OTHER)
                .header(HttpHeaders.LOCATION, path)
                .build();
    }
}
