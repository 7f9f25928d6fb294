package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.time.Instant;

/** Accounts, zones and the token's own business: what a client asks before it begins. */
final class Zones {
    private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

    private final CloudflareState estate;

    Zones(CloudflareState estate, Router<CloudflareRequest> router) {
        this.estate = estate;
        router.add("GET", "/zones", this::list);
        router.add("GET", "/zones/{zone_id}", cloudflareRequest -> Envelope.of(json(own(cloudflareRequest))));
        router.add("GET", "/user/tokens/verify", Zones::verify);
        router.add("GET", "/accounts/{account_id}/tokens/verify", Zones::verify);
        router.add(
                "GET", "/accounts/{account_id}", cloudflareRequest -> Envelope.of(json(cloudflareRequest.account())));
    }

    SimulatedZone own(CloudflareRequest cloudflareRequest) {
        return estate.zones.get(cloudflareRequest.path().get("zone_id"));
    }

    private ApiResponse list(CloudflareRequest cloudflareRequest) {
        String name = cloudflareRequest.one("name");
        String account = cloudflareRequest.one("account.id");
        String status = cloudflareRequest.one("status");
        var zones = estate.zones.values().stream()
                .filter(zone -> zone.account() == cloudflareRequest.account())
                .filter(zone -> name == null || zone.name().equalsIgnoreCase(name))
                .filter(zone -> account == null || zone.account().id.equals(account))
                .filter(_ -> status == null || status.equals("active"))
                .toList();
        return Envelope.page(cloudflareRequest, 20, 50, zones, Zones::json);
    }

    private static ApiResponse verify(CloudflareRequest cloudflareRequest) {
        return Envelope.of(ApiResponse.Json.object()
                .put("id", SimulatedAccount.id("token", cloudflareRequest.token()))
                .put("status", "active"));
    }

    private static ObjectNode json(SimulatedAccount account) {
        return ApiResponse.Json.object()
                .put("id", account.id)
                .put("name", account.name)
                .put("type", "standard")
                .put("created_on", CloudflareState.time(LONG_AGO));
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
                .put("created_on", CloudflareState.time(LONG_AGO))
                .put("modified_on", CloudflareState.time(LONG_AGO))
                .put("activated_on", CloudflareState.time(LONG_AGO));
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
