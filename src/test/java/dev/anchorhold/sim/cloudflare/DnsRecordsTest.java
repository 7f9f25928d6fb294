package dev.anchorhold.sim.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of DNS records and their lists, filters and batches. */
class DnsRecordsTest {
    private static final String TUNNEL = "6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com";

    private final CloudflareSimulator simulator =
            CloudflareSimulator.start(new CloudflareOptions().noRateLimit().recordLimit(5));
    private final CloudflareTestClient api = CloudflareTestClient.of(simulator);

    @AfterEach
    void stop() {
        api.close();
        simulator.close();
    }

    private List<String> names(String query) {
        return api.get(api.records + query).body().path("result").findValuesAsText("name");
    }

    @Test
    void a_record_is_created_read_changed_and_deleted() {
        var made = api.createRecord("App", TUNNEL, ",\"proxied\":true,\"ttl\":300,\"comment\":\"mine\"")
                .body()
                .path("result");
        assertThat(made.path("name").asText()).isEqualTo("app.anchorhold.localhost");
        assertThat(made.path("ttl").asInt())
                .as("proxied records have an automatic one")
                .isEqualTo(1);
        assertThat(made.path("id").asText()).matches("[0-9a-f]{32}");
        assertThat(made.has("zone_id")).isFalse();
        String path = api.records + "/" + made.path("id").asText();
        var patched = api.patch(path, "{\"comment\":\"ours\"}").body().path("result");
        assertThat(patched.path("comment").asText()).isEqualTo("ours");
        assertThat(patched.path("proxied").asBoolean()).isTrue();
        var put = api.put(path, "{\"type\":\"CNAME\",\"name\":\"app\",\"content\":\"example.com\"}")
                .body()
                .path("result");
        assertThat(put.path("comment").isNull())
                .as("PUT forgets what it is not given")
                .isTrue();
        assertThat(put.path("proxied").asBoolean()).isFalse();
        assertThat(api.delete(path).body().at("/result/id").asText())
                .isEqualTo(made.path("id").asText());
        assertThat(api.get(path).status()).isEqualTo(404);
        assertThat(api.delete(path).code()).isEqualTo("81044");
    }

    @Test
    void a_host_has_one_alias_or_addresses_but_not_both() {
        api.createRecord("app", TUNNEL, ",\"proxied\":true");
        assertThat(api.createRecord("app", TUNNEL, "").code()).isEqualTo("81058");
        var other = api.createRecord("app", "example.com", "");
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.code()).isEqualTo("81053");
        assertThat(api.post(api.records, "{\"type\":\"A\",\"name\":\"app\",\"content\":\"192.0.2.1\"}")
                        .code())
                .isEqualTo("81054");
        assertThat(api.post(api.records, "{\"type\":\"TXT\",\"name\":\"app\",\"content\":\"text\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void what_the_free_plan_does_not_allow_is_refused() {
        var tagged = api.createRecord("a", TUNNEL, ",\"tags\":[\"owner:us\"]");
        assertThat(tagged.code()).isEqualTo("1004");
        assertThat(tagged.body().at("/errors/0/error_chain/0/code").asInt()).isEqualTo(9300);
        assertThat(tagged.text()).contains("DNS record has 1 tags, exceeding the quota of 0.");
        assertThat(api.createRecord("a", TUNNEL, ",\"comment\":\"%s\"".formatted("x".repeat(101)))
                        .code())
                .isEqualTo("1004");
        assertThat(api.createRecord("a", TUNNEL, ",\"comment\":\"%s\"".formatted("x".repeat(100)))
                        .status())
                .isEqualTo(200);
        for (int i = 0; i < 4; i++) api.createRecord("more-" + i, TUNNEL, "");
        assertThat(api.createRecord("too-many", TUNNEL, "").code()).isEqualTo("81045");
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThat(api.createRecord("-bad-.", TUNNEL, "").status()).isEqualTo(400);
        assertThat(api.createRecord("a", "not a host", "").code()).isEqualTo("1004");
        assertThat(api.createRecord("a", TUNNEL, ",\"ttl\":5").code()).isEqualTo("1004");
        assertThat(api.post(api.records, "{\"type\":\"A\",\"name\":\"a\",\"content\":\"300.1.1.1\"}")
                        .code())
                .isEqualTo("1004");
        assertThat(api.post(api.records, "{\"type\":\"TXT\",\"name\":\"a\",\"content\":\"t\",\"proxied\":true}")
                        .code())
                .isEqualTo("1004");
        assertThat(api.post(api.records, "{broken").status()).isEqualTo(400);
    }

    @Test
    void lists_filter_by_parts_of_names_contents_and_comments() {
        api.createRecord("one", TUNNEL, ",\"proxied\":true,\"comment\":\"anchorhold i1 u1\"");
        api.createRecord("two", "example.com", ",\"comment\":\"anchorhold i2 u2\"");
        api.createRecord("three", "example.org", "");
        assertThat(names("?comment.contains=anchorhold%20I1")).containsExactly("one.anchorhold.localhost");
        assertThat(names("?comment.startswith=anchorhold")).hasSize(2);
        assertThat(names("?comment.absent=")).containsExactly("three.anchorhold.localhost");
        assertThat(names("?name=two.anchorhold.localhost")).hasSize(1);
        assertThat(names("?name.exact=two.anchorhold.localhost")).hasSize(1);
        assertThat(names("?content.exact=" + TUNNEL)).hasSize(1);
        assertThat(names("?content.endswith=.org&comment.contains=i1")).isEmpty();
        assertThat(names("?content.endswith=.org&comment.contains=i1&match=any"))
                .hasSize(2);
        assertThat(names("?type=A")).isEmpty();
        assertThat(names("?proxied=true")).hasSize(1);
        assertThat(names("?order=name&direction=desc")).first().isEqualTo("two.anchorhold.localhost");
        assertThat(api.get(api.records + "?per_page=2")
                        .body()
                        .at("/result_info/total_count")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void a_batch_deletes_first_and_is_all_or_nothing() {
        String id = api.createRecord("app", TUNNEL, "").body().at("/result/id").asText();
        var swapped = api.post(api.records + "/batch", """
            {"posts":[{"type":"CNAME","name":"app","content":"example.com"}],"deletes":[{"id":"%s"}]}\
            """.formatted(id));
        assertThat(swapped.status()).isEqualTo(200);
        assertThat(swapped.body().at("/result/posts/0/content").asText()).isEqualTo("example.com");
        var failed = api.post(api.records + "/batch", """
            {"deletes":[{"id":"%s"}],
             "posts":[{"type":"CNAME","name":"new","content":"example.com"},{"type":"CNAME","name":"new","content":"example.org"}]}\
            """.formatted(
                        swapped.body().at("/result/posts/0/id").asText()));
        assertThat(failed.code()).isEqualTo("81053");
        assertThat(names("")).containsExactly("app.anchorhold.localhost");
    }

    @Test
    void H31_records_with_parts_keep_them_and_their_line_is_made_of_them() {
        record Sample(String body, String content, String data) {}
        for (var it : List.of(
                new Sample(
                        "\"type\":\"SRV\",\"name\":\"_sip._tcp\",\"data\":{\"priority\":10,\"weight\":5,\"port\":5060,\"target\":\"sip.example.com\"}",
                        "5 5060 sip.example.com",
                        "{\"priority\":10,\"weight\":5,\"port\":5060,\"target\":\"sip.example.com\"}"),
                new Sample(
                        "\"type\":\"CAA\",\"name\":\"@\",\"data\":{\"flags\":0,\"tag\":\"issue\",\"value\":\"letsencrypt.org\"}",
                        "0 issue \"letsencrypt.org\"",
                        "{\"flags\":0,\"tag\":\"issue\",\"value\":\"letsencrypt.org\"}"),
                new Sample(
                        "\"type\":\"CAA\",\"name\":\"x\",\"content\":\"128 iodef \\\"mailto:a@example.com\\\"\"",
                        "128 iodef \"mailto:a@example.com\"",
                        "{\"flags\":128,\"tag\":\"iodef\",\"value\":\"mailto:a@example.com\"}"),
                new Sample(
                        "\"type\":\"URI\",\"name\":\"u\",\"priority\":3,\"data\":{\"weight\":1,\"target\":\"https://example.com/A\"}",
                        "1 \"https://example.com/A\"",
                        "{\"weight\":1,\"target\":\"https://example.com/A\"}"),
                new Sample(
                        "\"type\":\"HTTPS\",\"name\":\"h\",\"data\":{\"priority\":1,\"target\":\".\",\"value\":\"alpn=h2\"}",
                        "1 . alpn=h2",
                        "{\"priority\":1,\"target\":\".\",\"value\":\"alpn=h2\"}"))) {
            var made = api.post(api.records, "{" + it.body + "}").body();
            assertThat(made.at("/result/content").asText()).as(made.toString()).isEqualTo(it.content);
            var read = api.get(api.records + "/" + made.at("/result/id").asText())
                    .body()
                    .get("result");
            assertThat(read.get("data")).hasToString(it.data);
            assertThat(read).isEqualTo(made.get("result"));
        }
        var srv = api.get(api.records + "?type=SRV").body().at("/result/0");
        assertThat(srv.get("priority").asInt()).isEqualTo(10);
        var moved = api.patch(
                        api.records + "/" + srv.get("id").asText(),
                        "{\"data\":{\"priority\":20,\"weight\":0,\"port\":5061,\"target\":\"sip.example.com\"}}")
                .body()
                .get("result");
        assertThat(moved.get("content").asText()).isEqualTo("0 5061 sip.example.com");
        assertThat(moved.get("priority").asInt()).isEqualTo(20);
        assertThat(api.patch(api.records + "/" + srv.get("id").asText(), "{\"data\":{\"port\":1}}")
                        .code())
                .isEqualTo("1004");
    }
}
