package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.time.Instant;

/** Accounts, zones and the token's own business: what a client asks before it begins. */
final class Zones {
    private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

    private final Estate estate;

    Zones(Estate estate, Router<Call> router) {
        this.estate = estate;
        router.add("GET", "/zones", this::list);
        router.add("GET", "/zones/{zone_id}", call -> Envelope.of(json(own(call))));
        router.add("GET", "/user/tokens/verify", Zones::verify);
        router.add("GET", "/accounts/{account_id}/tokens/verify", Zones::verify);
        router.add("GET", "/accounts/{account_id}", call -> Envelope.of(json(call.account())));
    }

    Zone own(Call call) {
        return estate.zones.get(call.path().get("zone_id"));
    }

    private Answer list(Call call) {
        String name = call.one("name");
        String account = call.one("account.id");
        String status = call.one("status");
        var zones = estate.zones.values().stream()
                .filter(zone -> zone.account() == call.account())
                .filter(zone -> name == null || zone.name().equalsIgnoreCase(name))
                .filter(zone -> account == null || zone.account().id.equals(account))
                .filter(_ -> status == null || status.equals("active"))
                .toList();
        return Envelope.page(call, 20, 50, zones, Zones::json);
    }

    private static Answer verify(Call call) {
        return Envelope.of(Answer.Json.object()
                .put("id", Account.id("token", call.token()))
                .put("status", "active"));
    }

    private static ObjectNode json(Account account) {
        return Answer.Json.object()
                .put("id", account.id)
                .put("name", account.name)
                .put("type", "standard")
                .put("created_on", Estate.time(LONG_AGO));
    }

    private static ObjectNode json(Zone zone) {
        var json = Answer.Json.object()
                .put("id", zone.id())
                .put("name", zone.name())
                .put("status", "active")
                .put("paused", false)
                .put("type", "full")
                .put("development_mode", 0)
                .putNull("original_registrar")
                .putNull("original_dnshost")
                .putNull("original_name_servers")
                .put("created_on", Estate.time(LONG_AGO))
                .put("modified_on", Estate.time(LONG_AGO))
                .put("activated_on", Estate.time(LONG_AGO));
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
