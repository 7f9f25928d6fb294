package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import dev.anchorhold.sim.cloud.TokenAccess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Handlers of what official clients ask first: who the token's user is, which accounts it opens, and what it may do
 * (providers.md B.5).
 */
final class AccountRoutes {
    private static final Instant CREATED = Instant.parse("2024-01-02T03:04:05Z");

    /** Names and scopes of the permissions that this simulator checks. */
    private static final Map<String, String> PERMISSIONS = Map.of(
            "Cloudflare Tunnel Read", "com.cloudflare.api.account",
            "Cloudflare Tunnel Write", "com.cloudflare.api.account",
            "DNS Read", "com.cloudflare.api.account.zone",
            "DNS Write", "com.cloudflare.api.account.zone",
            "Zone Read", "com.cloudflare.api.account.zone");

    AccountRoutes(Router<CloudflareRequest> router) {
        list(router, "/accounts", request -> Stream.of(account(request.account())));
        router.add("GET", "/accounts/{account_id}", request -> Envelope.of(account(request.account())));
        router.add("GET", "/user", request -> Envelope.of(user(request)));
        list(router, "/memberships", request -> Stream.of(membership(request)));
        for (String owner : List.of("/user", "/accounts/{account_id}")) {
            router.add("GET", owner + "/tokens/verify", request -> Envelope.of(verified(request)));
            list(router, owner + "/tokens", request -> Stream.of(token(request)));
            list(
                    router,
                    owner + "/tokens/permission_groups",
                    _ -> PERMISSIONS.keySet().stream().sorted().map(AccountRoutes::permission));
        }
    }

    private static void list(
            Router<CloudflareRequest> router, String path, Function<CloudflareRequest, Stream<ObjectNode>> rows) {
        router.add("GET", path, request -> {
            String name = request.one("name");
            var found = rows.apply(request)
                    .filter(row -> name == null || row.path("name").asText().equals(name))
                    .toList();
            return Envelope.page(request, 20, 50, found, Function.identity());
        });
    }

    private static ObjectNode account(SimulatedAccount account) {
        var json = ApiResponse.Json.object()
                .put("id", account.id)
                .put("name", account.name)
                .put("type", "standard")
                .put("created_on", CloudflareState.time(CREATED));
        json.putObject("settings").put("enforce_twofactor", false).putNull("abuse_contact_email");
        return json;
    }

    private static ObjectNode user(CloudflareRequest request) {
        String name = request.account().name;
        var json = ApiResponse.Json.object()
                .put("id", SimulatedAccount.id("user", name))
                .put("email", name + "@users.invalid")
                .put("username", name)
                .putNull("first_name")
                .putNull("last_name")
                .putNull("telephone")
                .putNull("country")
                .putNull("zipcode")
                .put("two_factor_authentication_enabled", false)
                .put("two_factor_authentication_locked", false)
                .put("has_pro_zones", false)
                .put("has_business_zones", false)
                .put("has_enterprise_zones", false)
                .put("suspended", false)
                .put("created_on", CloudflareState.time(CREATED))
                .put("modified_on", CloudflareState.time(CREATED));
        json.putArray("betas");
        json.putArray("organizations");
        return json;
    }

    private static ObjectNode membership(CloudflareRequest request) {
        var json = ApiResponse.Json.object()
                .put("id", SimulatedAccount.id("membership", request.account().name))
                .put("api_access_enabled", true)
                .put("status", "accepted");
        json.set("account", account(request.account()));
        json.putArray("roles").add("Super Administrator - All Privileges");
        json.putObject("permissions");
        return json;
    }

    private static ObjectNode verified(CloudflareRequest request) {
        return ApiResponse.Json.object()
                .put("id", SimulatedAccount.id("token", request.token()))
                .put("status", "active");
    }

    private static ObjectNode token(CloudflareRequest request) {
        boolean reads = request.account().tokens.get(request.token()) == TokenAccess.READ_ONLY;
        var json = verified(request)
                .put("name", "simulated")
                .put("issued_on", CloudflareState.time(CREATED))
                .put("modified_on", CloudflareState.time(CREATED));
        var policy = json.putArray("policies")
                .addObject()
                .put("id", SimulatedAccount.id("policy", request.token()))
                .put("effect", "allow");
        var groups = policy.putArray("permission_groups");
        PERMISSIONS.keySet().stream()
                .filter(name -> !reads || name.endsWith("Read"))
                .sorted()
                .map(AccountRoutes::permission)
                .forEach(groups::add);
        policy.putObject("resources").put("com.cloudflare.api.account." + request.account().id, "*");
        return json;
    }

    private static ObjectNode permission(String name) {
        var json = ApiResponse.Json.object()
                .put("id", SimulatedAccount.id("permission", name))
                .put("name", name);
        json.putArray("scopes").add(PERMISSIONS.get(name));
        return json;
    }
}
