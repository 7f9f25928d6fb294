package dev.anchorhold.dashboard;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;

/** Leads from the installation's address to its dashboard. */
@Path("/")
public class HomePage {
    @GET
    @NonBlocking
    public Response get() {
        return Redirects.to(DashboardFilter.HOME);
    }
}
