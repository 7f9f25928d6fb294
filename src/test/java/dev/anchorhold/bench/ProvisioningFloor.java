package dev.anchorhold.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
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
import java.util.Optional;

/**
 * Measures the least that any client could need: a loop of the calls that create one, and a single poll of the server's actions
 * at the very instant at which they are done. That instant is read from the simulator's console, which costs no call; in the
 * real cloud nobody knows it, so no client comes below this. For a PlainVm the calls create a firewall and a server with it; for
 * an Agent a tunnel, its configuration, its record, a volume, and a server with it, and nobody waits for a guest.
 */
final class ProvisioningFloor implements AutoCloseable {
    private final HetznerSimulator cloud;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private final Optional<CloudflareSimulator> edge;

    private record PendingServer(Instant began, String actions) {}

    private ProvisioningFloor(HetznerOptions options, Optional<CloudflareSimulator> edge) {
        this.cloud = HetznerSimulator.start(options);
        this.edge = edge;
    }

    static ProvisioningFloor ofPlainVms(HetznerOptions options) {
        return new ProvisioningFloor(options, Optional.empty());
    }

    static ProvisioningFloor ofAgents(HetznerOptions options) {
        return new ProvisioningFloor(
                options,
                Optional.of(CloudflareSimulator.start(
                        new CloudflareOptions().noRateLimit().recordLimit(10_000))));
    }

    Map<String, Object> measure(int servers) {
        var began = Instant.now();
        List<PendingServer> pending = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            String name = "it-" + i;
            pending.add(edge.isPresent() ? createAgent(edge.get(), name) : createPlainVm(name));
        }
        var requested = Duration.between(began, Instant.now());
        List<Duration> waits = new ArrayList<>();
        while (!pending.isEmpty()) {
            pending.removeIf(it -> {
                if (!done(cloud.console().act("GET", it.actions, null)) || !done(call("GET", it.actions, null)))
                    return false;
                waits.add(Duration.between(it.began, Instant.now()));
                return true;
            });
            pause();
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("last server asked for after, s", Percentiles.seconds(requested));
        figures.put("all done, s", Percentiles.seconds(Duration.between(began, Instant.now())));
        Percentiles.of(waits).into(figures, "each");
        figures.put(
                "cloud writes",
                cloud.requests().writes()
                        + edge.map(it -> it.requests().writes()).orElse(0));
        figures.put(
                "cloud reads", (int) cloud.requests().total() - cloud.requests().writes());
        return figures;
    }

    private PendingServer createAgent(CloudflareSimulator edge, String name) {
        var began = Instant.now();
        String tunnels = edge.endpoint() + "/accounts/" + edge.accountId() + "/cfd_tunnel";
        String host = name + ".anchorhold.localhost";
        String tunnel = call(edge.token(), "POST", tunnels, """
            {"name": "%s", "config_src": "cloudflare"}\
            """.formatted(name))
                .at("/result/id")
                .asText();
        call(edge.token(), "PUT", tunnels + "/" + tunnel + "/configurations", """
            {"config": {"ingress": [{"hostname": "%s", "service": "http://127.0.0.1:8080"}, {"service": "http_status:404"}]}}\
            """.formatted(host));
        String records = edge.endpoint() + "/zones/" + edge.zoneId("anchorhold.localhost") + "/dns_records";
        call(edge.token(), "POST", records, """
            {"type": "CNAME", "name": "%s", "content": "%s.cfargotunnel.com", "proxied": true, "ttl": 1}\
            """.formatted(host, tunnel));
        long volume =
                call("POST", "/volumes", """
            {"name": "%s", "size": 10, "location": "hel1"}\
            """.formatted(name)).at("/volume/id").asLong();
        return going(began, """
            {"name": "%s", "server_type": "cx23", "image": "debian-12", "location": "hel1", "volumes": [%d], "automount": false}\
            """.formatted(name, volume));
    }

    private PendingServer createPlainVm(String name) {
        var began = Instant.now();
        long firewall = call("POST", "/firewalls", """
            {"name": "%s", "rules": [{"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0", "::/0"]}]}\
            """.formatted(name))
                .at("/firewall/id")
                .asLong();
        return going(began, """
            {"name": "%s", "server_type": "cx23", "image": "debian-12", "location": "hel1", "firewalls": [{"firewall": %d}]}\
            """.formatted(name, firewall));
    }

    private PendingServer going(Instant began, String server) {
        var made = call("POST", "/servers", server);
        var actions = new StringBuilder("/actions?id=" + made.at("/action/id").asLong());
        made.get("next_actions")
                .forEach(it -> actions.append("&id=").append(it.get("id").asLong()));
        return new PendingServer(began, actions.toString());
    }

    private static boolean done(JsonNode answer) {
        for (var action : answer.get("actions"))
            if (!action.get("status").asText().equals("success")) return false;
        return true;
    }

    private JsonNode call(String method, String path, String body) {
        return call(cloud.token(), method, cloud.endpoint() + path, body);
    }

    private JsonNode call(String token, String method, String address, String body) {
        try {
            var request = HttpRequest.newBuilder(URI.create(address))
                    .header("Authorization", "Bearer " + token)
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
        edge.ifPresent(CloudflareSimulator::close);
    }
}
