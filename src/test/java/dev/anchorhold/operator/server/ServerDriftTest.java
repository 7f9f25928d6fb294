package dev.anchorhold.operator.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.TolerantJson;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.resource.ServerAsMade;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of what counts as drift, as a table of what the cloud may say of a server. */
class ServerDriftTest {
    private static final ObjectMapper JSON = TolerantJson.mapper();
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String MADE = """
            {"id": 42, "name": "web", "status": "running", "created": "2026-11-24T11:00:00Z",
             "public_net": {
               "ipv4": {"id": 1, "ip": "203.0.113.7", "blocked": false, "dns_ptr": "static.7.113.0.203.clients.example"},
               "ipv6": {"id": 2, "ip": "2001:db8:aa:1::/64", "blocked": false, "dns_ptr": []},
               "floating_ips": [], "firewalls": [{"id": 38, "status": "applied"}]},
             "private_net": [], "server_type": {"id": 114, "name": "cx23"}, "location": {"id": 3, "name": "hel1"},
             "image": {"id": 7, "name": "debian-12"}, "iso": null, "rescue_enabled": false, "locked": false,
             "backup_window": null, "protection": {"delete": false, "rebuild": false}, "labels": {}, "volumes": [9],
             "load_balancers": [], "placement_group": null}""";

    private static ServerObservation seen(Server server, Map<String, Instant> finished) {
        return new ServerObservation(
                NOW, new Sighting.Seen<>(List.of(server), NOW), List.of(), finished, Map.of(), Optional.empty());
    }

    private static Server server(JsonNode json) {
        try {
            return JSON.treeToValue(json, Server.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode made() {
        try {
            return (ObjectNode) JSON.readTree(MADE);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static final ServerAsMade AS_MADE = ServerDrift.asMade(seen(server(made()), Map.of()), null, null, true);

    private static List<String> drift(Server server) {
        return ServerDrift.of(server, AS_MADE, "web", Set.of(9L));
    }

    @Test
    void a_server_as_it_was_made_has_not_drifted() {
        assertThat(drift(server(made()))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/server_type        | {\"id\": 115, \"name\": \"cx33\"}   | its type is cx33, and was cx23",
                "/image              | {\"id\": 8, \"name\": \"debian-13\"} | rebuilt from image 8 ('debian-13')",
                "/name               | \"db\"                         | its name is 'db', no longer 'web'",
                "/rescue_enabled     | true                           | rescue",
                "/backup_window      | \"22-02\"                      | backups",
                "/iso                | {\"id\": 5, \"name\": \"evil.iso\"} | ISO 'evil.iso'",
                "/placement_group    | {\"id\": 6, \"name\": \"spread\"} | placement group 'spread'",
                "/private_net        | [{\"network\": 4, \"ip\": \"10.0.0.2\"}] | private network 4",
                "/load_balancers     | [3]                            | target of load balancer 3",
                "/volumes            | [9, 10]                        | it has volume 10",
                "/protection/delete  | true                           | protected",
                "/protection/rebuild | true                           | protected",
                "/public_net/floating_ips  | [77]                     | floating IP 77",
                "/public_net/ipv4         | null                      | its IPv4 address is gone, and was 203.0.113.7",
                "/public_net/ipv4/ip      | \"198.51.100.1\"           | its IPv4 address is 198.51.100.1",
                "/public_net/ipv6         | null                      | its IPv6 address is gone",
                "/public_net/ipv4/dns_ptr | \"mail.example.com\"       | reverse DNS",
                "/public_net/ipv6/dns_ptr | [{\"ip\": \"2001:db8:aa:1::1\", \"dns_ptr\": \"a.example\"}] | reverse DNS"
            })
    void H06_what_the_cloud_can_change_of_a_server_is_drift(String where, String value, String told)
            throws JsonProcessingException {
        var json = made();
        int last = where.lastIndexOf('/');
        ((ObjectNode) json.at(where.substring(0, last))).set(where.substring(last + 1), JSON.readTree(value));
        assertThat(drift(server(json))).anySatisfy(it -> assertThat(it).contains(told));
    }

    @ParameterizedTest
    @CsvSource({"rebuild_server", "reset_password", "create_image", "request_console"})
    void H06_what_leaves_no_trace_is_remembered(String command) {
        var server = server(made());
        var remembered = ServerDrift.asMade(seen(server, Map.of(command, NOW)), AS_MADE, null, true);
        var restarted = ServerDrift.asMade(seen(server, Map.of()), remembered, null, true);
        assertThat(restarted).isEqualTo(remembered);
        assertThat(ServerDrift.of(server, restarted, "web", Set.of(9L)))
                .singleElement()
                .asString()
                .contains(NOW.toString());
    }

    @Test
    void H06_what_was_done_to_the_server_before_is_not_told_of_its_successor() {
        var server = server(made());
        var before = server.created().minusSeconds(1);
        assertThat(ServerDrift.asMade(seen(server, Map.of("rebuild_server", before)), AS_MADE, null, true))
                .isEqualTo(AS_MADE);
    }

    @Test
    void another_server_begins_anew_once_it_is_complete() {
        var another = made().put("id", 43L);
        another.putObject("server_type").put("id", 115).put("name", "cx33");
        assertThat(drift(server(another))).isEmpty();
        assertThat(ServerDrift.asMade(seen(server(another), Map.of()), AS_MADE, null, false))
                .isEqualTo(AS_MADE);
        assertThat(ServerDrift.asMade(seen(server(another), Map.of()), AS_MADE, null, true)
                        .serverType())
                .isEqualTo("cx33");
    }

    @Test
    void a_type_that_changed_before_there_was_a_record_is_known_from_the_status() {
        assertThat(ServerDrift.asMade(seen(server(made()), Map.of()), null, "cpx11", true)
                        .serverType())
                .isEqualTo("cpx11");
    }
}
