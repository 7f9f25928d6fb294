package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** Routes all requests of the API to their handlers, and runs them under the lock. No HTTP here. */
final class CloudflareApi {
    final CloudflareState state;
    final ConnectorRegistry connectors;
    final Router<CloudflareRequest> router =
            new Router<>(method -> new CloudflareApiError(405, 10405, "Method %s not allowed".formatted(method)));

    CloudflareApi(CloudflareState state) {
        this.state = state;
        connectors = new ConnectorRegistry(state);
        var tunnels = new Tunnels(state, router, connectors);
        new TunnelConnections(router, tunnels, connectors);
        new TunnelConfigurations(state, router, tunnels, connectors);
        new AccountRoutes(router);
        var zones = new Zones(state, router);
        new TunnelHostnames(state, router, zones);
        new DnsRecords(state, router, zones);
    }

    ApiResponse perform(Router.Match<CloudflareRequest> match, CloudflareRequest request) {
        return state.perform(match.route(), request, new CloudflareApiError(500, 10001, "Internal error"));
    }
}
