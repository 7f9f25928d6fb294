package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.time.Instant;

/** Handlers of accounts, zones and token verification: what a client asks first. */
final class Zones {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    private final CloudflareState state;

    Zones(CloudflareState state, Router<CloudflareRequest> router) {
        this.state = state;
        router.add("GET", "/zones", this::list);
        router.add("GET", "/zones/{zone_id}", request -> Envelope.of(json(own(request))));
    }

    SimulatedZone own(CloudflareRequest request) {
        return state.zones.get(request.path().get("zone_id"));
    }

    private ApiResponse list(CloudflareRequest request) {
        String name = request.one("name");
        String account = request.one("account.id");
        String status = request.one("status");
        var zones = state.zones.values().stream()
                .filter(zone -> zone.account() == request.account())
                .filter(zone -> name == null || zone.name().equalsIgnoreCase(name))
                .filter(zone -> account == null || zone.account().id.equals(account))
                .filter(_ -> status == null || status.equals("active"))
                .toList();
        return Envelope.page(request, 20, 50, zones, Zones::json);
    }

    private static ObjectNode json(SimulatedZone zone) {
        var json = ApiResponse.Json.object()
                .put("id", zone.id())
                .put("name", zone.name())
                .put("status", "active")
                .put("paused", false)
                .put("type", "full")
                .put("development_mode", 0)
                .putNull("original_registrar")
                .putNull("original_dnshost")
                .putNull("original_name_servers")
                .put("created_on", CloudflareState.time(CREATED))
                .put("modified_on", CloudflareState.time(CREATED))
                .put("activated_on", CloudflareState.time(CREATED));
        json.putArray("name_servers").add("ada.ns.cloudflare.com").add("bob.ns.cloudflare.com");
        json.putObject("account").put("id", zone.account().id).put("name", zone.account().name);
        json.putObject("owner")
                .put("id", zone.account().id)
                .put("name", zone.account().name)
                .put("type", "user");
        json.putObject("plan").put("id", "free").put("name", "Free Website");
        json.putObject("meta").put("step", 2).put("custom_certificate_quota", 0).put("page_rule_quota", 3);
        return json;
    }
}
