package dev.anchorhold.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import dev.anchorhold.sim.hetzner.Options;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The least that anybody could need: a loop of two calls, create a firewall and create a server with it, and a single poll of its actions
 * at the very instant at which they are done. That instant is told by the simulator's console, which costs no call; in the real cloud
 * nobody tells it, so no client comes below this.
 */
final class Floor implements AutoCloseable {
    private final HetznerSimulator cloud;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private record Going(Instant began, String actions) {}

    Floor(Options options) {
        cloud = HetznerSimulator.start(options);
    }

    Map<String, Object> measure(int servers) {
        var began = Instant.now();
        List<Going> going = new ArrayList<>();
        for (int i = 0; i < servers; i++) going.add(create("vm-" + i));
        var asked = Duration.between(began, Instant.now());
        List<Duration> waits = new ArrayList<>();
        while (!going.isEmpty()) {
            going.removeIf(it -> {
                if (!done(cloud.console().act("GET", it.actions, null)) || !done(call("GET", it.actions, null)))
                    return false;
                waits.add(Duration.between(it.began, Instant.now()));
                return true;
            });
            pause();
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("last server asked for after, s", Spread.seconds(asked));
        figures.put("all done, s", Spread.seconds(Duration.between(began, Instant.now())));
        Spread.of(waits).into(figures, "each");
        figures.put("cloud writes", cloud.requests().writes());
        figures.put(
                "cloud reads", (int) cloud.requests().total() - cloud.requests().writes());
        return figures;
    }

    private Going create(String name) {
        var began = Instant.now();
        long firewall = call("POST", "/firewalls", """
            {"name": "%s", "rules": [{"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0", "::/0"]}]}\
            """.formatted(name))
                .at("/firewall/id")
                .asLong();
        var made = call("POST", "/servers", """
            {"name": "%s", "server_type": "cx23", "image": "debian-12", "location": "hel1", "firewalls": [{"firewall": %d}]}\
            """.formatted(name, firewall));
        var actions = new StringBuilder("/actions?id=" + made.at("/action/id").asLong());
        made.get("next_actions")
                .forEach(it -> actions.append("&id=").append(it.get("id").asLong()));
        return new Going(began, actions.toString());
    }

    private static boolean done(JsonNode answer) {
        for (var action : answer.get("actions"))
            if (!action.get("status").asText().equals("success")) return false;
        return true;
    }

    private JsonNode call(String method, String path, String body) {
        try {
            var request = HttpRequest.newBuilder(URI.create(cloud.endpoint() + path))
                    .header("Authorization", "Bearer " + cloud.token())
                    .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .build();
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() >= 300) throw new IllegalStateException(answer.body());
            return json.readTree(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
        cloud.close();
    }
}
