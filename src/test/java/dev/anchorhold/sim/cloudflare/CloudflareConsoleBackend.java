package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.anchorhold.sim.cloud.ConsoleHttpHandler;
import dev.anchorhold.sim.cloud.TokenAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The console as JSON over HTTP. Each knob that is present is set, in the order given; see docs/simulator.md. */
final class CloudflareConsoleBackend implements ConsoleHttpHandler.ConsoleBackend {
    private final CloudflareConsole console;
    private final CloudflareState state;
    private final List<SimulatedConnector> connectors = new ArrayList<>();

    CloudflareConsoleBackend(CloudflareConsole console, CloudflareState state) {
        this.console = console;
        this.state = state;
    }

    /** The page, with the accounts and zones there are. */
    @Override
    public String page() {
        var zones = JsonNodeFactory.instance.arrayNode();
        state.zones
                .values()
                .forEach(zone -> zones.addObject()
                        .put("zone", zone.name())
                        .put("id", zone.id())
                        .put("account", zone.account().name));
        return ConsoleHttpHandler.resource(CloudflareConsoleBackend.class, "console.html")
                .replace("@ZONES@", zones.toString());
    }

    @Override
    public String owner() {
        return "account";
    }

    @Override
    public JsonNode act(String owner, String method, String path, String body) {
        return console.act(owner, method, path, body);
    }

    @Override
    public void turn(JsonNode knobs) {
        for (var knob : knobs.properties()) {
            JsonNode value = knob.getValue();
            String account = value.path("account").asText("default");
            switch (knob.getKey()) {
                case "reset" -> console.resetKnobs();
                case "list_lag" -> console.listLag(seconds(value));
                case "connection_linger" -> console.connectionLinger(seconds(value));
                case "reconnect_after" -> console.reconnectAfter(seconds(value));
                case "rotation_drops" -> console.rotationDrops(value.asBoolean());
                case "connect" -> connectors.add(console.connect(value.asText()));
                case "disconnect" -> {
                    connectors.forEach(SimulatedConnector::close);
                    connectors.clear();
                }
                case "limits" ->
                    value.properties()
                            .forEach(limit -> console.limit(
                                    limit.getKey(), limit.getValue().asInt()));
                case "token" ->
                    console.token(
                            account,
                            value.path("token").asText(),
                            TokenAccess.valueOf(value.path("access").asText()));
                case "rate_limit" ->
                    console.rateLimit(account, value.path("requests").asInt(), seconds(value.path("seconds")));
                case "rate_limit_left" ->
                    console.rateLimitLeft(account, value.path("requests").asInt());
                case "block" -> console.block(account, seconds(value.path("seconds")));
                default -> throw new IllegalArgumentException("no such knob: " + knob.getKey());
            }
        }
    }

    private static Duration seconds(JsonNode value) {
        return Duration.ofMillis((long) (value.asDouble() * 1000));
    }
}
