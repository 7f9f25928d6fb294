package dev.anchorhold.cloud.cloudflare;

import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.equalToJson;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.patchRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.putRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static dev.anchorhold.cloud.Urgency.PROVISIONING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.StubbedApi;
import dev.anchorhold.cloud.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract tests of Cloudflare's client, with whatever a network may answer it. */
class CloudflareContractTest extends StubbedApi {
    private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
    private static final String ZONE = "fedcba9876543210fedcba9876543210";
    private static final String ID = "f70ff985-a4ef-4643-bbbc-4a0ed4fc8415";
    private static final String TUNNELS = "/v4/accounts/" + ACCOUNT + "/cfd_tunnel";
    private static final String RECORDS = "/v4/zones/" + ZONE + "/dns_records";
    private static final String NO_ERROR = "\"success\":true,\"errors\":[],\"messages\":[]";

    private final CloudflareClient client = clientFor(address() + "/v4", Timeouts.DEFAULT);
    private final TunnelClient tunnels = client.tunnels();
    private final DnsRecordClient records = client.records(ZONE);

    private CloudflareClient clientFor(String endpoint, Timeouts timeouts) {
        var budget = CloudflareClient.budget(InstantSource.system());
        return new CloudflareClient(
                endpoint, ACCOUNT, token::get, new OkHttpClient(), timeouts, budget, meters, "test");
    }

    private CreatedTunnel create() {
        return tunnels.create(PROVISIONING, Purpose.CREATE, "n");
    }

    // ---- bodies

    static Stream<ResponseDefinitionBuilder> unreadable() {
        return Stream.concat(
                unreadableAnywhere(),
                Stream.of(
                        json(200, "{\"result\":{"),
                        json(200, "{\"result\":{\"id\":\"\"}}"),
                        json(200, "{\"result\":\"x\"}"),
                        json(200, "{\"result\":null," + NO_ERROR + "}"),
                        json(200, "{\"result\":[{\"id\":{}}]," + NO_ERROR + "}"),
                        json(200, "{\"success\":false}"),
                        error(500, 0, "internal error"),
                        error(503, 10013, "down"),
                        json(502, "{\"success\":null}"),
                        json(200, "{\"result\":{\"id\":\"1\",\"token\":\"t\"}," + NO_ERROR + "}")
                                .withChunkedDribbleDelay(8, 8000)));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void F09_F12_an_unreadable_answer_says_nothing_and_a_write_is_sent_once(ResponseDefinitionBuilder answer) {
        var hasty = clientFor(address() + "/v4", SHORT).tunnels();
        saysNothing(
                answer,
                () -> hasty.listByPrefix(PROVISIONING, Purpose.FEED, "anchorhold-", 1),
                () -> hasty.create(PROVISIONING, Purpose.CREATE, "n"));
    }

    /** Its body is not needed, and yet it has to be the cloud's word: F38 rests on it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "<html>welcome</html>", "{}", "[]", "null", "{\"success\":null}"})
    void F09_a_rotation_answered_by_something_else_is_an_unknown_outcome(String body) {
        answer(json(200, body));
        assertThatThrownBy(() -> tunnels.rotate(PROVISIONING, Purpose.KEYS, ID, TunnelClient.newSecret()))
                .isInstanceOf(CloudException.UnknownOutcome.class);
        assertThatThrownBy(() -> tunnels.delete(PROVISIONING, Purpose.DELETE, ID))
                .isInstanceOf(CloudException.UnknownOutcome.class);
    }

    @Test
    void a_tunnel_that_came_without_its_token_is_an_unknown_outcome() {
        answer(ok("{\"id\":\"%s\",\"name\":\"n\"}".formatted(ID)));
        assertThatThrownBy(this::create).isInstanceOf(CloudException.UnknownOutcome.class);
    }

    @Test
    void a_write_that_was_never_sent_certainly_did_not_happen() throws IOException {
        var unheard = clientFor(nobody() + "/v4", Timeouts.DEFAULT).tunnels();
        assertThatThrownBy(() -> unheard.create(PROVISIONING, Purpose.CREATE, "n"))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void F12_a_list_that_does_not_say_how_much_there_is_is_no_list() {
        answer(json(200, "{\"result\":[],\"result_info\":{\"page\":1,\"per_page\":1000}," + NO_ERROR + "}"));
        assertThatThrownBy(() -> tunnels.listByPrefix(PROVISIONING, Purpose.FEED, "a", 1))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void a_list_goes_on_where_the_server_gave_less_a_page_than_it_was_asked_for() {
        answer(listing(
                "{\"id\":\"%s\",\"name\":\"n\"}".formatted(ID), "\"page\":2,\"per_page\":50,\"total_count\":101"));
        assertThat(tunnels.listByPrefix(PROVISIONING, Purpose.FEED, "a", 2).next())
                .isEqualTo(3);
        answer(listing(
                "{\"id\":\"%s\",\"name\":\"n\"}".formatted(ID), "\"page\":3,\"per_page\":50,\"total_count\":101"));
        assertThat(tunnels.listByPrefix(PROVISIONING, Purpose.FEED, "a", 3).next())
                .isZero();
    }

    @Test
    void unknown_fields_and_words_and_nulls_are_read() {
        answer(ok("""
            {"id":"%s","name":"n","status":"dreaming","created_at":"2026-11-21T10:00:00.123456+00:00","deleted_at":null,
             "conns_active_at":null,"connections":[{}],"metadata":{"a":1},"config_src":null,"future":[1]}\
            """.formatted(ID)));
        var tunnel = tunnels.get(PROVISIONING, Purpose.REREAD, ID).orElseThrow();
        assertThat(tunnel.status()).isEqualTo(Tunnel.Status.UNKNOWN);
        assertThat(tunnel.createdAt()).isEqualTo("2026-11-21T10:00:00.123456Z");
        assertThat(tunnel.serves()).isFalse();
        answer(ok("{\"id\":\"1\",\"name\":\"A.Example.com\",\"type\":\"SVCB\",\"content\":null,\"comment\":null}"));
        var record = records.get(PROVISIONING, Purpose.REREAD, "1").orElseThrow();
        assertThat(record.name()).isEqualTo("a.example.com");
        assertThat(record.comment()).isEmpty();
    }

    @Test
    void a_tunnel_that_the_cloud_lists_as_deleted_is_gone() {
        answer(ok("{\"id\":\"%s\",\"name\":\"n\",\"deleted_at\":\"2026-11-21T10:00:00Z\"}".formatted(ID)));
        assertThat(tunnels.get(PROVISIONING, Purpose.CONFIRM, ID)).isEmpty();
    }

    @Test
    void F03_a_filter_that_finds_more_than_was_asked_for_finds_nothing() {
        answer(listing(
                "{\"id\":\"%s\",\"name\":\"nn\"}".formatted(ID), "\"page\":1,\"per_page\":1000,\"total_count\":1"));
        assertThat(tunnels.findByName(PROVISIONING, Purpose.LOOKUP, "n")).isEmpty();
        assertThat(records.listByName(PROVISIONING, Purpose.LOOKUP, "n")).isEmpty();
    }

    @Test
    void a_tunnel_that_was_never_configured_has_no_rules() {
        answer(ok("{\"tunnel_id\":\"%s\",\"version\":0,\"config\":null,\"source\":\"cloudflare\"}".formatted(ID)));
        assertThat(tunnels.configuration(PROVISIONING, Purpose.REREAD, ID))
                .hasValueSatisfying(it -> assertThat(it.ingress()).isEqualTo(Ingress.NONE));
    }

    // ---- errors by code

    static Stream<Map.Entry<String, Class<? extends CloudException>>> codes() {
        return Map.<String, Class<? extends CloudException>>ofEntries(
                Map.entry("409 1013", CloudException.NameTaken.class),
                Map.entry("400 81053", CloudException.NameTaken.class),
                Map.entry("400 81054", CloudException.NameTaken.class),
                Map.entry("400 81057", CloudException.NameTaken.class),
                Map.entry("400 81058", CloudException.NameTaken.class),
                Map.entry("400 1022", CloudException.InUse.class),
                Map.entry("400 1023", CloudException.InUse.class),
                Map.entry("400 81045", CloudException.Quota.class),
                Map.entry("404 81044", CloudException.NotFound.class),
                Map.entry("404 1003", CloudException.NotFound.class),
                Map.entry("404 7003", CloudException.Invalid.class),
                Map.entry("404 7000", CloudException.Invalid.class),
                Map.entry("403 10000", CloudException.Unauthorized.class),
                Map.entry("400 10000", CloudException.Unauthorized.class),
                Map.entry("403 9109", CloudException.Unauthorized.class),
                Map.entry("400 6003", CloudException.Unauthorized.class),
                Map.entry("403 1", CloudException.Unauthorized.class),
                Map.entry("400 1004", CloudException.Invalid.class),
                Map.entry("400 1056", CloudException.Invalid.class),
                Map.entry("422 12345", CloudException.Invalid.class),
                Map.entry("409 12345", CloudException.Conflict.class),
                Map.entry("200 1013", CloudException.NameTaken.class),
                Map.entry("429 971", CloudException.RateLimited.class),
                Map.entry("200 10100", CloudException.RateLimited.class),
                Map.entry("429 12345", CloudException.RateLimited.class))
                .entrySet()
                .stream();
    }

    @ParameterizedTest
    @MethodSource("codes")
    void an_error_is_known_by_its_code(Map.Entry<String, Class<? extends CloudException>> expected) {
        var parts = expected.getKey().split(" ");
        answer(error(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), "because"));
        var thrown = catchThrowableOfType(CloudException.class, this::create);
        assertThat(thrown).isInstanceOf(expected.getValue()).hasMessageContaining("because");
        assertThat(thrown.code()).isEqualTo(parts[1]);
        assertThat(thrown.correlationId()).isEqualTo("abc123");
    }

    @Test
    void F21_deleting_what_is_gone_is_success() {
        answer(error(404, 1003, "Tunnel not found"));
        tunnels.delete(PROVISIONING, Purpose.DELETE, ID);
        tunnels.dropConnections(PROVISIONING, Purpose.DELETE, ID);
        assertThat(tunnels.get(PROVISIONING, Purpose.CONFIRM, ID)).isEmpty();
        assertThat(tunnels.configuration(PROVISIONING, Purpose.REREAD, ID)).isEmpty();
        assertThat(tunnels.token(PROVISIONING, Purpose.KEYS, ID)).isEmpty();
        answer(error(404, 81044, "Record does not exist."));
        records.delete(PROVISIONING, Purpose.DELETE, "1");
        assertThat(records.get(PROVISIONING, Purpose.CONFIRM, "1")).isEmpty();
    }

    // ---- budget

    @Test
    void F07_whoever_is_shut_out_makes_no_call_for_as_long_as_the_provider_says_or_five_minutes() {
        answer(error(429, 971, "Please wait and consider throttling your request speed"));
        assertThat(catchThrowableOfType(CloudException.RateLimited.class, this::create)
                        .retryAfter())
                .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
        assertThatThrownBy(() -> records.delete(PROVISIONING, Purpose.DELETE, "1"))
                .isInstanceOfSatisfying(
                        CloudException.RateLimited.class,
                        e -> assertThat(e.code()).isEqualTo("no_budget"));
        cloud.verify(1, anyRequestedFor(anyUrl()));

        var other = clientFor(address() + "/v4", Timeouts.DEFAULT).tunnels();
        answer(html(429).withHeader("Retry-After", "60"));
        assertThat(catchThrowableOfType(
                                CloudException.RateLimited.class, () -> other.create(PROVISIONING, Purpose.CREATE, "n"))
                        .retryAfter())
                .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(150));
    }

    @Test
    void F07_the_headers_say_what_others_used_up() {
        answer(error(404, 1003, "")
                .withHeader("Ratelimit", "\"default\";r=240;t=30")
                .withHeader("Ratelimit-Policy", "\"default\";q=1200;w=300"));
        tunnels.get(PROVISIONING, Purpose.LOOKUP, ID);
        assertThat(client.budget().remaining()).isBetween(119.0, 300.0);
        answer(error(404, 1003, "").withHeader("Ratelimit", "nonsense"));
        tunnels.get(PROVISIONING, Purpose.LOOKUP, ID);
        assertThat(client.budget().remaining()).isBetween(110.0, 300.0);
    }

    // ---- secrets

    @Test
    void F27_a_rotated_token_is_used_by_the_next_call() {
        answer(error(404, 1003, ""));
        usesARotatedTokenAtOnce(() -> tunnels.get(PROVISIONING, Purpose.LOOKUP, ID));
    }

    @Test
    void F28_neither_token_nor_tunnel_secrets_come_back_in_a_message() {
        answer(error(400, 12345, CANARY + " is no token"));
        assertThat(catchThrowableOfType(CloudException.class, this::create)).satisfies(StubbedApi::holdsNoSecret);
        answer(error(400, 12345, "the secret c4n4ry-of-a-tunnel is too short"));
        assertThat(catchThrowableOfType(
                        CloudException.class,
                        () -> tunnels.rotate(PROVISIONING, Purpose.KEYS, ID, "c4n4ry-of-a-tunnel")))
                .satisfies(StubbedApi::holdsNoSecret);
        var connectorToken = "eyJhIjoi".repeat(20) + "==";
        answer(error(400, 12345, "what is " + connectorToken));
        assertThat(catchThrowableOfType(CloudException.class, this::create)).hasMessageNotContaining("eyJhIjoi");
        answer(ok("{\"id\":\"%s\",\"name\":\"n\",\"token\":\"c4n4ry\"}".formatted(ID)));
        assertThat(create().toString()).contains(ID).doesNotContain("c4n4ry");
        assertThat(create().token()).isEqualTo("c4n4ry");
    }

    // ---- what is sent

    @Test
    void a_tunnel_is_made_with_its_configuration_in_the_cloud() {
        answer(ok("{\"id\":\"%s\",\"name\":\"n\",\"token\":\"t\"}".formatted(ID)));
        create();
        cloud.verify(postRequestedFor(urlPathEqualTo(TUNNELS))
                .withHeader("User-Agent", equalTo("anchorhold/dev"))
                .withRequestBody(equalToJson("{\"name\":\"n\",\"config_src\":\"cloudflare\"}")));
    }

    @Test
    void lists_ask_for_live_tunnels_a_thousand_at_once() {
        answer(listing("", "\"page\":1,\"per_page\":1000,\"total_count\":0"));
        tunnels.listByPrefix(PROVISIONING, Purpose.FEED, "anchorhold-i-", 1);
        cloud.verify(getRequestedFor(urlPathEqualTo(TUNNELS))
                .withQueryParam("include_prefix", equalTo("anchorhold-i-"))
                .withQueryParam("is_deleted", equalTo("false"))
                .withQueryParam("per_page", equalTo("1000")));
    }

    @Test
    void a_configuration_is_sent_whole_and_comes_back_as_it_was_sent() {
        var wanted = Ingress.to("a.example.com", "http://127.0.0.1:8080");
        answer(ok("""
            {"tunnel_id":"%s","version":3,"source":"cloudflare","config":{"ingress":[
               {"service":"http://127.0.0.1:8080","hostname":"a.example.com","originRequest":{}},
               {"service":"http_status:404","hostname":""}],"originRequest":null,"warp-routing":{"enabled":false}}}\
            """.formatted(ID)));
        var now = tunnels.configure(PROVISIONING, Purpose.UPDATE, ID, wanted);
        assertThat(now).isEqualTo(new TunnelConfiguration(3, wanted));
        cloud.verify(putRequestedFor(urlPathEqualTo(TUNNELS + "/" + ID + "/configurations"))
                .withRequestBody(equalToJson("""
                    {"config":{"ingress":[{"hostname":"a.example.com","service":"http://127.0.0.1:8080"},
                                          {"service":"http_status:404"}],"originRequest":{}}}\
                    """)));
    }

    @Test
    void a_record_leads_through_the_proxy_to_the_tunnel_and_bears_our_comment() {
        var wanted = new DesiredDnsRecord("A.example.com", ID, "anchorhold i " + ID);
        answer(ok("""
            {"id":"1","name":"a.example.com","type":"CNAME","content":"%s.cfargotunnel.com","proxied":true,"ttl":1,
             "comment":"anchorhold i %s","tags":[],"settings":{}}\
            """.formatted(ID, ID)));
        assertThat(records.create(PROVISIONING, Purpose.CREATE, wanted).matches(wanted))
                .isTrue();
        cloud.verify(postRequestedFor(urlPathEqualTo(RECORDS)).withRequestBody(equalToJson("""
            {"type":"CNAME","name":"a.example.com","content":"%s.cfargotunnel.com","proxied":true,"ttl":1,
             "comment":"anchorhold i %s"}\
            """.formatted(ID, ID))));
    }

    @Test
    void a_secret_is_rotated_to_one_of_32_bytes() {
        answer(ok("{\"id\":\"%s\"}".formatted(ID)));
        var secret = TunnelClient.newSecret();
        tunnels.rotate(PROVISIONING, Purpose.KEYS, ID, secret);
        assertThat(java.util.Base64.getDecoder().decode(secret)).hasSize(32);
        cloud.verify(patchRequestedFor(urlPathEqualTo(TUNNELS + "/" + ID))
                .withRequestBody(equalToJson("{\"tunnel_secret\":\"%s\"}".formatted(secret))));
    }

    // ----

    private static ResponseDefinitionBuilder ok(String result) {
        return json(200, "{\"result\":%s,%s}".formatted(result, NO_ERROR));
    }

    private static ResponseDefinitionBuilder listing(String items, String info) {
        return json(200, "{\"result\":[%s],\"result_info\":{%s},%s}".formatted(items, info, NO_ERROR));
    }

    private static ResponseDefinitionBuilder error(int status, int code, String message) {
        var errors = code == 0 ? List.of() : List.of("{\"code\":%d,\"message\":\"%s\"}".formatted(code, message));
        return json(status, "{\"success\":false,\"errors\":%s,\"messages\":[],\"result\":null}".formatted(errors));
    }
}
