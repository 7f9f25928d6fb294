package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;

/** All families on one router: a request goes in, an answer comes out, under the lock. No HTTP here. */
final class Api {
    final Estate estate;
    final Connectors connectors;
    final Router<Call> router =
            new Router<>(method -> new CloudflareError(405, 10405, "Method %s not allowed".formatted(method)));

    Api(Estate estate) {
        this.estate = estate;
        connectors = new Connectors(estate);
        var tunnels = new Tunnels(estate, router, connectors);
        new TunnelConnections(router, tunnels, connectors);
        new Configurations(estate, router, tunnels, connectors);
        var zones = new Zones(estate, router);
        new Records(estate, router, zones);
    }

    Answer perform(Router.Match<Call> match, Call call) {
        return estate.perform(match.route(), call, new CloudflareError(500, 10001, "Internal error"));
    }
}
