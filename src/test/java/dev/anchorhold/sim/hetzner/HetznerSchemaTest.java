package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Compares each field that the official client reads of an answer with what the simulator sends. */
class HetznerSchemaTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Z1gNDoTqKYkmJ4S9VvG7pDqFkM1j6tZ8cS3rJ9xQm someone@example";

    /** The client still reads them, and says itself that they are not sent any more, or not always. */
    private static final Set<String> NOT_SENT = Set.of(
            "PricingPrimaryIPTypePrice.datacenter",
            "FirewallResource.server",
            "FirewallResource.label_selector",
            "FirewallResource.applied_to_resources");

    private final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    private final HetznerSimulator simulator =
            HetznerSimulator.start(new HetznerOptions().clock(clock).noRateLimit());
    private final HetznerTestClient api = HetznerTestClient.of(simulator);
    private final Map<String, Map<String, String>> structs = new HcloudGoSources().structs();
    private final List<String> differences = new ArrayList<>();

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    @Test
    void H29_every_field_that_the_official_client_knows_is_sent_in_its_type() {
        api.post("/ssh_keys", "{\"name\":\"k\",\"public_key\":\"%s\"}".formatted(KEY));
        String group = api.post("/placement_groups", "{\"name\":\"g\",\"type\":\"spread\"}")
                .body()
                .at("/placement_group/id")
                .asText();
        long server = api.createServer("web", ",\"placement_group\":" + group);
        clock.advance(Duration.ofMinutes(10)); // until then the server is locked
        api.post("/volumes", "{\"name\":\"v\",\"size\":10,\"server\":%d}".formatted(server));
        clock.advance(Duration.ofMinutes(10));
        api.post("/firewalls", """
                {"name":"f","rules":[{"direction":"in","protocol":"tcp","port":"22","source_ips":["0.0.0.0/0"]}],
                 "apply_to":[{"type":"server","server":{"id":%d}}]}""".formatted(server));
        clock.advance(Duration.ofMinutes(10));
        api.post("/servers/%d/actions/create_image".formatted(server), "{\"type\":\"snapshot\"}");
        clock.advance(Duration.ofMinutes(10));

        for (String list : List.of(
                "servers Server",
                "volumes Volume",
                "firewalls Firewall",
                "ssh_keys SSHKey",
                "primary_ips PrimaryIP",
                "placement_groups PlacementGroup",
                "images Image",
                "server_types ServerType",
                "locations Location")) {
            String[] kind = list.split(" ");
            var answer = api.get("/" + kind[0] + "?per_page=50").body();
            assertThat(answer.get(kind[0])).as(kind[0]).isNotEmpty();
            answer.get(kind[0]).forEach(it -> compare(kind[1], it));
            compare("MetaPagination", answer.at("/meta/pagination"));
        }
        compare("Pricing", api.get("/pricing").body().get("pricing"));
        api.get("/servers/actions").body().get("actions").forEach(it -> compare("Action", it));
        for (String none : List.of("zones", "networks", "floating_ips", "load_balancers", "certificates", "isos")) {
            assertThat(api.get("/" + none).body().get(none)).as(none).isEmpty();
        }
        compare("Error", api.get("/servers/1").body().get("error"));
        assertThat(differences).isEmpty();
    }

    private void compare(String struct, JsonNode json) {
        assertThat(structs).containsKey(struct);
        structs.get(struct).forEach((field, type) -> {
            String name = struct + "." + field;
            JsonNode value = json.get(field);
            if (value == null) {
                if (!NOT_SENT.contains(name)) differences.add(name + " is missing");
            } else if (!value.isNull()) {
                compare(name, type, value);
            }
        });
    }

    private void compare(String name, String type, JsonNode value) {
        String plain = type.replaceFirst("^\\*", "");
        if (plain.startsWith("[]")) {
            if (!value.isArray()) differences.add(name + " is no list");
            value.forEach(it -> compare(name, plain.substring(2), it));
        } else if (structs.containsKey(plain)) {
            compare(plain, value);
        } else if (!fits(plain, value)) {
            differences.add("%s is no %s: %s".formatted(name, type, value));
        }
    }

    private static boolean fits(String type, JsonNode value) {
        return switch (type) {
            case "string" -> value.isTextual();
            case "bool" -> value.isBoolean();
            case "int", "int64", "uint64" -> value.isIntegralNumber();
            case "float32", "float64" -> value.isNumber();
            case "map[string]string" -> value.isObject();
            case "time.Time" ->
                value.asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)");
            default -> true; // an any, or JSON as it came
        };
    }
}
