package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/** All families on one router: a request goes in, an answer comes out, under the lock. No HTTP here. */
final class CloudflareApi {
    final CloudflareState estate;
    final ConnectorRegistry connectorRegistry;
    final Router<CloudflareRequest> router =
            new Router<>(method -> new CloudflareApiError(405, 10405, "Method %s not allowed".formatted(method)));

    CloudflareApi(CloudflareState estate) {
        this.estate = estate;
        connectorRegistry = new ConnectorRegistry(estate);
        var tunnels = new Tunnels(estate, router, connectorRegistry);
        new TunnelConnections(router, tunnels, connectorRegistry);
        new TunnelConfigurations(estate, router, tunnels, connectorRegistry);
        var zones = new Zones(estate, router);
        new DnsRecords(estate, router, zones);
    }

    ApiResponse perform(Router.Match<CloudflareRequest> match, CloudflareRequest cloudflareRequest) {
        return estate.perform(match.route(), cloudflareRequest, new CloudflareApiError(500, 10001, "Internal error"));
    }
}
