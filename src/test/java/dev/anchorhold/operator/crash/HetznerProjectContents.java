package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.PlainVm;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads what a project holds from the simulator's console, as its owner sees it on the bill, and asserts on it. */
final class HetznerProjectContents {
    private final TestEnvironment testEnvironment;

    HetznerProjectContents(TestEnvironment testEnvironment) {
        this.testEnvironment = testEnvironment;
    }

    List<JsonNode> servers(String selector) {
        return all("servers", selector);
    }

    List<JsonNode> firewalls(String selector) {
        return all("firewalls", selector);
    }

    List<JsonNode> addresses() {
        return all("primary_ips", "");
    }

    static String of(PlainVm vm) {
        return Ownership.UID + "==" + vm.getMetadata().getUid();
    }

    /** Exactly one server bears the object's label, exactly one firewall is on it, and both are the ones that its status names. */
    void assertExactlyOneOfEach(PlainVm vm) {
        String name = vm.getMetadata().getName();
        var servers = servers(of(vm));
        assertThat(names(servers)).as("servers of " + name).hasSize(1);
        var server = servers.getFirst();
        assertThat(server.get("id").asLong()).as(name).isEqualTo(vm.getStatus().serverId());
        assertThat(server.at("/public_net/firewalls"))
                .as("firewalls on " + name)
                .hasSize(1);
        assertThat(server.at("/public_net/firewalls/0/id").asLong())
                .as(name)
                .isEqualTo(vm.getStatus().firewallId());
        assertThat(firewalls(of(vm)).size()).as("firewalls of " + name).isLessThanOrEqualTo(1);
    }

    /** No server, no firewall, no address is paid for that nobody wants. */
    void assertNothingIsLeft() {
        assertThat(names(servers(""))).as("servers left").isEmpty();
        assertThat(names(firewalls(""))).as("firewalls left").isEmpty();
        assertThat(names(addresses())).as("addresses left").isEmpty();
    }

    /** As a person would empty a project. */
    void clear() {
        var console = testEnvironment.cloud.console();
        servers("").forEach(s -> console.deleteServer(s.get("id").asLong()));
        await("no servers").until(() -> servers("").isEmpty());
        firewalls("")
                .forEach(f -> console.act("DELETE", "/firewalls/" + f.get("id").asLong(), null));
    }

    static List<String> names(List<JsonNode> things) {
        return things.stream().map(it -> it.get("name").asText()).toList();
    }

    private List<JsonNode> all(String kind, String selector) {
        List<JsonNode> found = new ArrayList<>();
        for (int page = 1; page != 0; ) {
            var answer = testEnvironment
                    .cloud
                    .console()
                    .act(
                            "GET",
                            "/%s?per_page=50&page=%d&label_selector=%s"
                                    .formatted(kind, page, URLEncoder.encode(selector, StandardCharsets.UTF_8)),
                            null);
            answer.get(kind).forEach(found::add);
            page = answer.at("/meta/pagination/next_page").asInt(0);
        }
        return found;
    }
}
