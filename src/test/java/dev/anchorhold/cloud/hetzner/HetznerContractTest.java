package dev.anchorhold.cloud.hetzner;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static dev.anchorhold.cloud.Urgency.PROVISIONING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.StubbedApi;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.sim.hetzner.HcloudGoSources;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract tests of Hetzner's client, with whatever a network may answer it. */
class HetznerContractTest extends StubbedApi {
    private static final String USER_DATA = "#cloud-config\npassword-line-c4n4ry: yes\n";

    private final RateBudget budget = new RateBudget(3600, InstantSource.system());
    private final HetznerClient client = clientFor(address() + "/v1", Timeouts.DEFAULT);

    private HetznerClient clientFor(String endpoint, Timeouts timeouts) {
        return clientFor(endpoint, timeouts, budget);
    }

    private HetznerClient clientFor(String endpoint, Timeouts timeouts, RateBudget budget) {
        return new HetznerClient(endpoint, token::get, new OkHttpClient(), timeouts, budget, meters, "test");
    }

    // ---- bodies

    static Stream<ResponseDefinitionBuilder> unreadable() {
        return Stream.concat(
                unreadableAnywhere(),
                Stream.of(
                        json(200, "{\"servers\":"),
                        json(200, "{\"server\":{\"id\":\"\"},\"servers\":[{\"id\":{}}]}"),
                        json(200, "{\"server\":\"x\",\"servers\":\"x\"}"),
                        json(500, "{\"error\":{\"code\":\"server_error\",\"message\":\"\"}}"),
                        json(504, "{\"error\":{\"code\":\"timeout\",\"message\":\"\"}}"),
                        json(502, "{\"error\":null}"),
                        json(200, "{\"servers\":[],\"server\":{\"id\":1}}").withChunkedDribbleDelay(8, 8000)));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void F09_F12_an_unreadable_answer_says_nothing_and_a_write_is_sent_once(ResponseDefinitionBuilder answer) {
        var hasty = clientFor(address() + "/v1", SHORT);
        saysNothing(
                answer,
                () -> hasty.listServers(PROVISIONING, Purpose.BACKSTOP, "a=b", 1),
                () -> hasty.createServer(PROVISIONING, Purpose.CREATE, server()));
    }

    @Test
    void F12_a_server_of_another_form_than_promised_is_not_absent() {
        answer(json(200, "{\"server\":null}"));
        assertThatThrownBy(() -> client.getServer(PROVISIONING, Purpose.CONFIRM, 1))
                .isInstanceOf(CloudException.Transient.class);
        answer(html(404));
        assertThatThrownBy(() -> client.getServer(PROVISIONING, Purpose.CONFIRM, 1))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void F09_a_deletion_answered_by_something_else_is_an_unknown_outcome() {
        answer(aResponse().withStatus(200).withBody("<html>welcome</html>"));
        assertThatThrownBy(() -> client.volumes().delete(PROVISIONING, Purpose.DELETE, 1))
                .isInstanceOf(CloudException.UnknownOutcome.class);
        answer(aResponse().withStatus(204));
        client.volumes().delete(PROVISIONING, Purpose.DELETE, 1);
    }

    @Test
    void a_write_that_was_never_sent_certainly_did_not_happen() throws IOException {
        var unheard = clientFor(nobody() + "/v1", Timeouts.DEFAULT);
        assertThatThrownBy(() -> unheard.powerOn(PROVISIONING, Purpose.POWER, 1))
                .isInstanceOf(CloudException.Transient.class);
        var nowhere = clientFor("http://nowhere.invalid/v1", Timeouts.DEFAULT);
        assertThatThrownBy(() -> nowhere.powerOn(PROVISIONING, Purpose.POWER, 1))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void F12_a_list_that_does_not_say_whether_more_follows_is_no_list() {
        answer(json(200, "{\"servers\":[]}"));
        assertThatThrownBy(() -> client.listServers(PROVISIONING, Purpose.BACKSTOP, "a=b", 1))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void unknown_fields_and_words_empty_lists_nulls_huge_ids_and_floats_are_read_without_a_content_type() {
        answer(aResponse().withStatus(200).withBody("""
            {"server":{"id":9007199254740991,"name":"a","status":"dreaming","created":"2026-11-21T10:00:00+00:00",
              "public_net":{"ipv4":null,"ipv6":{"id":7.0,"ip":"2001:db8:aa:1::/64","dns_ptr":[]},
                            "firewalls":[{"id":38,"status":"pending"}],"new":{}},
              "server_type":{"id":9,"name":"cx23","disk":40.0},"location":{"id":3,"name":"hel1"},"image":null,
              "labels":[],"volumes":[1.0,9007199254740990],"protection":null,"future":[1,2]}}\
            """));
        var server = client.getServer(PROVISIONING, Purpose.REREAD, 9007199254740991L)
                .orElseThrow();
        assertThat(server.id()).isEqualTo(9007199254740991L);
        assertThat(server.status()).isEqualTo(Server.Status.UNKNOWN);
        assertThat(server.created()).isEqualTo("2026-11-21T10:00:00Z");
        assertThat(server.labels()).isEmpty();
        assertThat(server.ipv4()).isEmpty();
        assertThat(server.ipv6()).contains("2001:db8:aa:1::1");
        assertThat(server.volumes()).containsExactly(1L, 9007199254740990L);
        assertThat(server.firewalls()).containsExactly(new Server.Attached(38, "pending"));
        assertThat(server.location().name()).isEqualTo("hel1");
    }

    @Test
    void an_action_in_a_state_unknown_to_us_still_runs() {
        answer(json(201, "{\"action\":{\"id\":5,\"command\":\"start_server\",\"status\":\"queued\",\"error\":null}}"));
        assertThat(client.powerOn(PROVISIONING, Purpose.POWER, 1).running()).isTrue();
    }

    @Test
    void every_action_asked_for_is_accounted_for() {
        answer(json(200, "{\"actions\":[{\"id\":5,\"command\":\"start_server\",\"status\":\"success\"}]}"));
        var actions = client.actions(PROVISIONING, Purpose.ACTIONS, List.of(5L, 6L));
        assertThat(actions.found()).extracting(Action::id).containsExactly(5L);
        assertThat(actions.missing()).containsExactly(6L);
    }

    // ---- errors by code

    static Stream<Map.Entry<String, Class<? extends CloudException>>> codes() {
        return Map.<String, Class<? extends CloudException>>ofEntries(
                Map.entry("401 unauthorized", CloudException.Unauthorized.class),
                Map.entry("401 token_readonly", CloudException.Unauthorized.class),
                Map.entry("403 forbidden", CloudException.Unauthorized.class),
                Map.entry("403 maintenance", CloudException.RateLimited.class),
                Map.entry("403 resource_limit_exceeded", CloudException.Quota.class),
                Map.entry("404 not_found", CloudException.NotFound.class),
                Map.entry("409 uniqueness_error", CloudException.NameTaken.class),
                Map.entry("422 uniqueness_error", CloudException.NameTaken.class),
                Map.entry("409 conflict", CloudException.Conflict.class),
                Map.entry("423 locked", CloudException.Conflict.class),
                Map.entry("412 resource_unavailable", CloudException.Capacity.class),
                Map.entry("422 resource_unavailable", CloudException.Capacity.class),
                Map.entry("422 placement_error", CloudException.Capacity.class),
                Map.entry("422 invalid_input", CloudException.Invalid.class),
                Map.entry("410 deprecated_api_endpoint", CloudException.Invalid.class),
                Map.entry("422 some_code_of_tomorrow", CloudException.Invalid.class),
                Map.entry("422 resource_in_use", CloudException.InUse.class),
                Map.entry("423 resource_locked", CloudException.Locked.class),
                Map.entry("423 protected", CloudException.Protected.class),
                Map.entry("429 rate_limit_exceeded", CloudException.RateLimited.class))
                .entrySet()
                .stream();
    }

    @ParameterizedTest
    @MethodSource("codes")
    void an_error_is_known_by_its_code(Map.Entry<String, Class<? extends CloudException>> expected) {
        var parts = expected.getKey().split(" ");
        answer(error(Integer.parseInt(parts[0]), parts[1], "because", "null"));
        var thrown = catchThrowableOfType(CloudException.class, this::create);
        assertThat(thrown).isInstanceOf(expected.getValue()).hasMessageContaining("because");
        assertThat(thrown.code()).isEqualTo(parts[1]);
        assertThat(thrown.correlationId()).isEqualTo("abc123");
    }

    /** What each code that hcloud-go names means; none is treated as some unknown one would be. */
    private static final Map<Class<? extends CloudException>, Set<String>> MEANINGS = Map.ofEntries(
            Map.entry(CloudException.Unauthorized.class, Set.of("unauthorized", "forbidden")),
            Map.entry(CloudException.RateLimited.class, Set.of("rate_limit_exceeded", "maintenance")),
            Map.entry(CloudException.Quota.class, Set.of("resource_limit_exceeded")),
            Map.entry(CloudException.NotFound.class, Set.of("not_found", "firewall_resource_not_found")),
            Map.entry(CloudException.NameTaken.class, Set.of("uniqueness_error")),
            Map.entry(CloudException.Conflict.class, Set.of("conflict", "locked", "server_not_stopped")),
            Map.entry(CloudException.Locked.class, Set.of("resource_locked")),
            Map.entry(
                    CloudException.Capacity.class,
                    Set.of("resource_unavailable", "placement_error", "no_space_left_in_location")),
            Map.entry(CloudException.InUse.class, Set.of("resource_in_use", "volume_already_attached")),
            Map.entry(CloudException.Transient.class, Set.of("service_error")),
            Map.entry(CloudException.Protected.class, Set.of("protected")),
            Map.entry(
                    CloudException.UnknownOutcome.class,
                    Set.of("server_error", "unknown_error", "bad_gateway", "timeout", "robot_unavailable")),
            Map.entry(
                    CloudException.Invalid.class,
                    Set.of(
                            "invalid_input",
                            "json_error",
                            "unsupported_error",
                            "deprecated_api_endpoint",
                            "invalid_server_type",
                            "networks_overlap",
                            "server_already_attached",
                            "primary_ip_assigned",
                            "primary_ip_already_assigned",
                            "primary_ip_datacenter_mismatch",
                            "primary_ip_version_mismatch",
                            "server_has_ipv4",
                            "server_has_ipv6",
                            "server_is_load_balancer_target",
                            "firewall_already_applied",
                            "firewall_already_removed",
                            "firewall_managed_by_label_selector",
                            "incompatible_network_type",
                            "private_net_only_server",
                            "server_already_added",
                            "ip_not_available",
                            "no_subnet_available",
                            "vswitch_id_already_used",
                            "ip_not_owned",
                            "source_port_already_used",
                            "cloud_resource_ip_not_allowed",
                            "server_not_attached_to_network",
                            "target_already_defined",
                            "invalid_load_balancer_type",
                            "load_balancer_already_attached",
                            "targets_without_use_private_ip",
                            "load_balancer_not_attached_to_network",
                            "missing_ipv4",
                            "caa_record_does_not_allow_ca",
                            "ca_dns_validation_failed",
                            "ca_too_many_authorizations_failed_recently",
                            "ca_too_many_certificates_issued_for_registered_domain",
                            "ca_too_many_duplicate_certificates",
                            "could_not_verify_domain_delegated_to_zone",
                            "dns_zone_not_found",
                            "dns_zone_is_secondary_zone")));

    @Test
    void H28_every_code_that_the_official_client_names_is_mapped_on_purpose() {
        assertThat(MEANINGS.values().stream().flatMap(Set::stream))
                .containsExactlyInAnyOrderElementsOf(new HcloudGoSources().errorCodes());
        MEANINGS.forEach((meaning, codes) -> codes.forEach(code -> {
            answer(error(555, code, "because", "null")); // a status from which nothing can be guessed
            var fresh = clientFor(address() + "/v1", Timeouts.DEFAULT, new RateBudget(3600, InstantSource.system()));
            assertThat(catchThrowableOfType(
                            CloudException.class, () -> fresh.createServer(PROVISIONING, Purpose.CREATE, server())))
                    .as(code)
                    .isInstanceOf(meaning);
        }));
    }

    @Test
    void F10_a_quota_error_names_the_limit() {
        answer(error(403, "resource_limit_exceeded", "limit", "{\"limits\":[{\"name\":\"primary_ip_limit\"}]}"));
        assertThat(catchThrowableOfType(CloudException.Quota.class, this::create)
                        .limit())
                .isEqualTo("primary_ip_limit");
        answer(error(403, "resource_limit_exceeded", "server limit exceeded", "{}"));
        assertThat(catchThrowableOfType(CloudException.Quota.class, this::create)
                        .limit())
                .isEqualTo("server limit exceeded");
    }

    @Test
    void an_invalid_request_names_its_fields_and_a_volume_still_attached_is_in_use() {
        answer(error(422, "invalid_input", "no", "{\"fields\":[{\"name\":\"location\",\"messages\":[\"x\"]},{}]}"));
        assertThat(catchThrowableOfType(CloudException.Invalid.class, this::create)
                        .fields())
                .containsExactly("location");
        answer(error(422, "service_error", "volume with ID '1' is still attached to a server", "null"));
        assertThatThrownBy(this::create).isInstanceOf(CloudException.InUse.class);
    }

    @Test
    void F21_deleting_what_is_gone_and_applying_what_is_applied_are_successes() {
        answer(error(404, "not_found", "gone", "null"));
        assertThat(client.deleteServer(PROVISIONING, Purpose.DELETE, 1)).isEmpty();
        client.deleteFirewall(PROVISIONING, Purpose.DELETE, 1);
        assertThat(client.getServer(PROVISIONING, Purpose.CONFIRM, 1)).isEmpty();
        answer(error(422, "firewall_already_applied", "yes", "null"));
        assertThat(client.applyToServer(PROVISIONING, Purpose.ATTACH, 1, 2)).isEmpty();
    }

    // ---- budget

    @Test
    void F07_after_a_429_nobody_calls_until_the_bucket_refills() {
        answer(error(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached", "null")
                .withHeader("RateLimit-Limit", "3600")
                .withHeader("RateLimit-Remaining", "0"));
        var refused = catchThrowableOfType(CloudException.RateLimited.class, this::create);
        assertThat(refused.retryAfter()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(7));
        assertThatThrownBy(this::create)
                .isInstanceOfSatisfying(
                        CloudException.RateLimited.class,
                        e -> assertThat(e.code()).isEqualTo("no_budget"));
        cloud.verify(1, anyRequestedFor(anyUrl()));
        assertThat(meters.get("anchorhold.cloud.budget.left").gauge().value()).isLessThan(5);
    }

    @Test
    void calls_are_counted_by_purpose_and_outcome() {
        answer(error(412, "resource_unavailable", "full", "null"));
        assertThatThrownBy(this::create);
        assertThat(meters.get("anchorhold.cloud.calls")
                        .tags("purpose", "create", "outcome", "capacity", "provider", "test")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    // ---- secrets

    @Test
    void F27_a_rotated_token_is_used_by_the_next_call() {
        answer(error(404, "not_found", "", "null"));
        usesARotatedTokenAtOnce(() -> client.getServer(PROVISIONING, Purpose.LOOKUP, 1));
    }

    @Test
    void F28_neither_token_nor_user_data_come_back_in_an_exception() {
        answer(error(422, "invalid_input", CANARY + " and password-line-c4n4ry: yes in\\nuser_data", "null"));
        assertThat(catchThrowableOfType(CloudException.class, this::create)).satisfies(StubbedApi::holdsNoSecret);
        answer(aResponse().withStatus(201).withBody("{\"server\": " + CANARY + "}"));
        assertThat(catchThrowableOfType(CloudException.class, this::create)).satisfies(StubbedApi::holdsNoSecret);
        assertThat(server().toString()).doesNotContain("c4n4ry");
        token.set("bad\ntoken");
        assertThat(catchThrowableOfType(CloudException.Unauthorized.class, this::create))
                .satisfies(e -> assertThat(e).hasMessageNotContaining("bad"));
    }

    // ---- what is sent

    @Test
    void F24_an_empty_rule_list_is_sent() {
        answer(json(201, "{\"actions\":[]}"));
        client.setRules(PROVISIONING, Purpose.RULES, 38, RuleSet.EMPTY);
        cloud.verify(postRequestedFor(urlPathEqualTo("/v1/firewalls/38/actions/set_rules"))
                .withRequestBody(equalToJson("{\"rules\":[]}")));
    }

    @Test
    void the_create_call_attaches_the_firewall_and_carries_our_labels() {
        answer(json(
                201,
                "{\"server\":{\"id\":1,\"name\":\"n\"},\"action\":{\"id\":2,\"command\":\"create_server\"},\"next_actions\":[{\"id\":3,\"command\":\"start_server\"}],\"root_password\":\"never"
                        + " read\"}"));
        assertThat(create().actions()).extracting(Action::id).containsExactly(2L, 3L);
        cloud.verify(postRequestedFor(urlPathEqualTo("/v1/servers"))
                .withHeader("User-Agent", equalTo("anchorhold/dev"))
                .withRequestBody(equalToJson("""
                    {"name":"n","server_type":"cx23","image":114690387,"location":"hel1","ssh_keys":[4],
                     "firewalls":[{"firewall":38}],"start_after_create":true,"labels":{"k":"v"},
                     "public_net":{"enable_ipv4":true,"enable_ipv6":true},
                     "user_data":"#cloud-config\\npassword-line-c4n4ry: yes\\n"}\
                    """)));
    }

    @Test
    void rules_come_back_as_they_were_sent() {
        var rules = RuleSet.of(List.of(
                FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0", "::/0"), ""),
                FirewallRule.inbound("icmp", null, List.of("2001:db8::/32"), "ping")));
        answer(json(200, """
            {"firewall":{"id":38,"name":"f","labels":{},"rules":[
              {"direction":"in","protocol":"icmp","port":null,"source_ips":["2001:DB8:0::/32"],"destination_ips":[],"description":"ping"},
              {"direction":"in","protocol":"tcp","port":"22","source_ips":["::/0","0.0.0.0/0"],"destination_ips":[],"description":null}],
             "applied_to":[{"type":"server","server":{"id":42}},
               {"type":"label_selector","label_selector":{"selector":"a=b"},
                "applied_to_resources":[{"type":"server","server":{"id":43}}]}]}}\
            """));
        var read = client.getFirewall(PROVISIONING, Purpose.REREAD, 38).orElseThrow();
        assertThat(read.rules()).isEqualTo(rules);
        assertThat(read.serverIds()).containsExactlyInAnyOrder(42L, 43L);
        assertThat(read.selectors()).containsExactly("a=b");
    }

    // ----

    private static CreateServerRequest server() {
        return new CreateServerRequest(
                "n",
                "cx23",
                114690387,
                "hel1",
                List.of(4L),
                List.of(38L),
                List.of(),
                USER_DATA,
                true,
                Map.of("k", "v"));
    }

    private CreateResult<Server> create() {
        return client.createServer(PROVISIONING, Purpose.CREATE, server());
    }

    private static ResponseDefinitionBuilder error(int status, String code, String message, String details) {
        return json(
                status,
                "{\"error\":{\"code\":\"%s\",\"message\":\"%s\",\"details\":%s}}".formatted(code, message, details));
    }
}
