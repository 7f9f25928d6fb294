package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.sim.cloud.ConsoleHttpHandler;
import java.time.Duration;

/** The console as JSON over HTTP. Each knob that is present is set, in the order given; see docs/simulator.md. */
final class HetznerConsoleBackend implements ConsoleHttpHandler.ConsoleBackend {
    private final HetznerConsole console;

    HetznerConsoleBackend(HetznerConsole console) {
        this.console = console;
    }

    @Override
    public String page() {
        return ConsoleHttpHandler.resource(HetznerConsoleBackend.class, "console.html");
    }

    @Override
    public String owner() {
        return "project";
    }

    @Override
    public JsonNode act(String owner, String method, String path, String body) {
        return console.act(owner, method, path, body);
    }

    @Override
    public void turn(JsonNode knobs) {
        for (var knob : knobs.properties()) {
            JsonNode value = knob.getValue();
            switch (knob.getKey()) {
                case "reset" -> console.resetKnobs();
                case "label_index_lag" -> console.labelIndexLag(seconds(value));
                case "firewall_detach_lag" -> console.firewallDetachLag(seconds(value));
                case "guests_ignore_shutdown" -> console.guestsIgnoreShutdown(value.asBoolean());
                case "availability" ->
                    console.setAvailable(
                            value.path("server_type").asText("*"),
                            value.path("location").asText("*"),
                            value.path("available").asBoolean());
                case "lock_server" -> console.lockServer(value.path("server").asLong(), seconds(value.path("seconds")));
                case "unlock_server" -> console.unlockServer(value.asLong());
                case "fail_actions" ->
                    console.failActions(
                            value.path("command").asText(),
                            value.path("times").asInt(1),
                            value.path("code").asText("action_failed"),
                            value.path("message").asText("action failed"));
                case "stick_actions" ->
                    console.stickActions(
                            value.path("command").asText(), value.path("times").asInt(1));
                case "release_action" -> console.releaseAction(value.asLong());
                case "limits" ->
                    value.properties()
                            .forEach(limit -> console.limit(
                                    limit.getKey(), limit.getValue().asInt()));
                case "durations" ->
                    value.properties()
                            .forEach(duration -> console.duration(
                                    duration.getKey(), seconds(duration.getValue()), seconds(duration.getValue())));
                case "token" ->
                    console.token(
                            value.path("project").asText("default"),
                            value.path("token").asText(),
                            value.path("access").asText());
                case "rate_limit" ->
                    console.rateLimit(
                            value.path("project").asText("default"),
                            value.path("requests").asInt(),
                            value.path("per_second").asDouble());
                case "rate_limit_left" ->
                    console.rateLimitLeft(
                            value.path("project").asText("default"),
                            value.path("requests").asInt());
                default -> throw new IllegalArgumentException("no such knob: " + knob.getKey());
            }
        }
    }

    private static Duration seconds(JsonNode value) {
        return Duration.ofMillis((long) (value.asDouble() * 1000));
    }
}
