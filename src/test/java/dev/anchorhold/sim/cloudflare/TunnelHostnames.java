package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;

/**
 * Handler of {@code PUT /zones/{zone_id}/tunnels/{tunnel_id}/routes}, by which {@code cloudflared tunnel route dns}
 * points a host name at a tunnel (providers.md B.5).
 */
final class TunnelHostnames {
    private final CloudflareState state;
    private final Zones zones;

    TunnelHostnames(CloudflareState state, Router<CloudflareRequest> router, Zones zones) {
        this.state = state;
        this.zones = zones;
        router.add("PUT", "/zones/{zone_id}/tunnels/{tunnel_id}/routes", this::route);
    }

    private ApiResponse route(CloudflareRequest request) {
        String tunnel = request.path().get("tunnel_id");
        boolean known = state.tunnels(request.account()).anyMatch(it -> it.id.equals(tunnel) && it.deleted == null);
        if (!known) throw CloudflareApiError.noSuchTunnel();
        if (!"dns".equals(request.text("type"))) {
            throw CloudflareApiError.invalid("type must be dns: there are no load balancers here");
        }
        var zone = zones.own(request);
        var records = new DnsRecordBatch(state, zone);
        var wanted = ApiResponse.Json.object()
                .put("type", "CNAME")
                .put("name", request.text("user_hostname"))
                .put("content", tunnel + ".cfargotunnel.com")
                .put("proxied", true);
        var probe = new CloudflareRow.Record();
        new DnsRecordFields(zone, state.knobs, wanted).write(probe, true);
        var there = records.records()
                .filter(record -> record.name.equals(probe.name) && record.type.matches("A|AAAA|CNAME"))
                .findFirst();
        String change = "new";
        if (there.isEmpty()) {
            records.create(wanted);
        } else if (there.get().type.equals("CNAME") && there.get().content.equals(probe.content)) {
            change = "unchanged";
        } else if (request.body().path("overwrite_existing").asBoolean()) {
            records.change(there.get().id, wanted, true);
            change = "updated";
        } else {
            throw new CloudflareApiError(
                    400,
                    1003,
                    "An A, AAAA, or CNAME record with that host already exists. For more details, refer to <https://developers.cloudflare.com/dns/>.");
        }
        records.save();
        return Envelope.of(ApiResponse.Json.object().put("cname", change).put("name", probe.name));
    }
}
