package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.RequestLog;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of paging, order, filters and errors that are the same for all lists. */
class ListEndpointTest {
    private final HetznerSimulator simulator =
            HetznerSimulator.start(new HetznerOptions().speed(1000).noRateLimit());
    private final HetznerTestClient api = HetznerTestClient.of(simulator);

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    private void groups(int count) {
        IntStream.range(0, count).forEach(i -> api.post("/placement_groups", """
                {"name":"g%02d","type":"spread"}""".formatted(i)));
    }

    @Test
    void pages_hold_25_unless_asked_and_never_more_than_50_and_point_to_the_next() {
        groups(60);
        var first = api.get("/placement_groups");
        assertThat(first.body().get("placement_groups")).hasSize(25);
        assertThat(first.body().at("/meta/pagination/next_page").asInt()).isEqualTo(2);
        assertThat(first.body().at("/meta/pagination/previous_page").isNull()).isTrue();
        assertThat(first.body().at("/meta/pagination/total_entries").asInt()).isEqualTo(60);
        assertThat(first.header("Link"))
                .contains("<%s/placement_groups?page=2>; rel=\"next\"".formatted(simulator.endpoint()))
                .contains("page=3>; rel=\"last\"");
        var last = api.get("/placement_groups?per_page=100&page=2");
        assertThat(last.body().get("placement_groups")).hasSize(10);
        assertThat(last.body().at("/meta/pagination/per_page").asInt()).isEqualTo(50);
        assertThat(last.body().at("/meta/pagination/next_page").isNull()).isTrue();
        assertThat(last.header("Link")).contains("?per_page=100&page=1>; rel=\"prev\"");
        assertThat(api.get("/placement_groups?page=9").body().get("placement_groups"))
                .isEmpty();
        assertThat(api.get("/placement_groups?page=0").code()).isEqualTo("invalid_input");
    }

    @Test
    void lists_are_ordered_as_asked() {
        groups(3);
        assertThat(names("/placement_groups?sort=name:desc")).containsExactly("g02", "g01", "g00");
        assertThat(names("/placement_groups?sort=created&sort=id:desc")).hasSize(3);
        assertThat(api.get("/placement_groups?sort=colour").code()).isEqualTo("invalid_input");
        assertThat(api.get("/servers/actions?sort=finished:desc&status=running&status=error")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_name_that_nothing_has_is_an_empty_list() {
        groups(1);
        assertThat(names("/placement_groups?name=g00")).containsExactly("g00");
        assertThat(names("/placement_groups?name=none")).isEmpty();
    }

    @Test
    void actions_are_asked_for_by_ids_and_only_so() {
        assertThat(api.get("/actions").code()).isEqualTo("invalid_input");
        assertThat(api.get("/actions/1").code()).isEqualTo("not_found");
    }

    @Test
    void wrong_paths_methods_and_bodies_have_their_codes() {
        assertThat(api.get("/nothing").code()).isEqualTo("not_found");
        assertThat(api.delete("/servers").code()).isEqualTo("method_not_allowed");
        assertThat(api.post("/servers", "{").code()).isEqualTo("json_error");
        assertThat(api.get("/servers/abc").code()).isEqualTo("not_found");
        assertThat(api.get("/datacenters").code()).isEqualTo("deprecated_api_endpoint");
        assertThat(api.get("/datacenters/3").status()).isEqualTo(410);
        for (String none : new String[] {"networks", "floating_ips", "load_balancers", "certificates", "isos"}) {
            assertThat(api.get("/" + none).body().get(none)).isEmpty();
            assertThat(api.get("/" + none + "/1").code()).isEqualTo("not_found");
        }
    }

    @Test
    void a_thousand_servers_are_listed_in_a_few_milliseconds_a_page() {
        IntStream.range(0, 1000)
                .forEach(i -> api.createServer("s" + i, ",\"labels\":{\"n\":\"%d\"}".formatted(i % 10)));
        var addresses = new ArrayList<String>();
        simulator.requests().reset();
        for (int page = 1; page <= 20; page++) {
            api.get("/servers?per_page=50&page=" + page)
                    .body()
                    .get("servers")
                    .forEach(server ->
                            addresses.add(server.at("/public_net/ipv4/ip").asText()));
        }
        assertThat(addresses).hasSize(1000).doesNotHaveDuplicates();
        var millis = simulator.requests().entries().stream()
                .mapToDouble(RequestLog.Entry::millis)
                .sorted()
                .toArray();
        System.out.printf("a page of 50 of 1,000 servers: median %.1f ms%n", millis[10]);
        assertThat(millis[10]).as("median of a page of 50").isLessThan(50);
        assertThat(api.get("/servers?label_selector=n%3D3")
                        .body()
                        .at("/meta/pagination/total_entries")
                        .asInt())
                .isEqualTo(100);
    }

    private List<String> names(String path) {
        var names = new ArrayList<String>();
        api.get(path)
                .body()
                .get("placement_groups")
                .forEach(group -> names.add(group.get("name").asText()));
        return names;
    }
}
