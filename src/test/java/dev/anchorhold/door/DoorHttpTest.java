package dev.anchorhold.door;

import static dev.anchorhold.door.TestHttpClient.JSON;
import static dev.anchorhold.door.TestHttpClient.agent;
import static dev.anchorhold.door.TestHttpClient.bootstrap;
import static dev.anchorhold.door.TestHttpClient.signIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.door.TestHttpClient.Response;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.door.DoorClient;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.OpaqueTokens;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.ProductProcess.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two packaged companions on one database, called by HTTP; who may deposit is for a real Kubernetes to say. */
class DoorHttpTest {
    private static final OkHttpClient HTTP_OF_OPERATOR = new OkHttpClient();

    @TempDir
    private static Path folder;

    private static CompanionDatabase database;
    private static CompanionProcess one;
    private static CompanionProcess other;
    private static Path operatorToken;
    private static DoorClient operator;

    @BeforeAll
    static void start() {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        database = CompanionDatabase.fresh();
        DatabaseAndKeys books = new DatabaseAndKeys(database, folder);
        one = start(chart, books, "one");
        other = start(chart, books, "other");
        operatorToken = chart.operatorTokenForCompanion();
        one.awaitReady();
        other.awaitReady();
        operator = new DoorClient(new CompanionClient(one.internalUri().toString(), operatorToken, HTTP_OF_OPERATOR));
    }

    private static CompanionProcess start(Chart chart, DatabaseAndKeys books, String name) {
        return CompanionProcess.start(
                new Settings(
                        folder.resolve(name),
                        chart.companionKubeconfig(),
                        Map.of("ANCHORHOLD_DOOR_ATTEMPTS_PER_MINUTE", "120")),
                books);
    }

    @AfterAll
    static void stop() {
        one.close();
        other.close();
    }

    @Test
    void a_guest_comes_in_reports_and_is_seen_by_the_operator() throws Exception {
        TestGuest guest = deposited();
        TestHttpClient client = new TestHttpClient(one.uri());

        JsonNode response = client.post("/guest/v1/bootstrap", bootstrap(guest)).ok();
        assertThat(response.at("/payload/env/API_KEY").asText()).isEqualTo(TestGuest.SECRET_IN_ENVIRONMENT);
        assertThat(Instant.parse(response.get("expiresAt").asText()))
                .isBetween(
                        Instant.now().plus(Duration.ofHours(23)), Instant.now().plus(Duration.ofHours(25)));
        String token = response.get("callbackToken").asText();
        assertThat(client.with(token).get("/guest/v1/payload").ok()).isEqualTo(response.get("payload"));

        JsonNode report = JSON.readTree("""
            {"report": {"bootId": "b1", "at": "2026-11-24T10:00:00Z", "program": "p", "somethingNew": 1,
              "container": {"running": true, "image": "r@sha256:x"}, "firewall": {"holds": true, "reachable": []}}}
            """);
        assertThat(client.with(token)
                        .post("/guest/v1/report", report)
                        .ok()
                        .get("settingsVersion")
                        .asLong())
                .isEqualTo(1);
        assertThat(client.with(token).post("/guest/v1/logs", JSON.readTree("""
            {"lines": [{"at": "2026-11-24T10:00:00Z", "level": "INFO", "source": "guest", "text": "started"}]}
            """)).status())
                .isEqualTo(204);
        assertThat(operatorsClient().get("/internal/v1/guests?after=0").ok().get("guests"))
                .anySatisfy(it -> {
                    assertThat(it.get("agent").asText()).isEqualTo(guest.agent().toString());
                    assertThat(it.get("redeemedHash").asText()).isEqualTo(guest.hash());
                    assertThat(it.at("/report/container/running").asBoolean()).isTrue();
                });

        String renewed = client.with(token)
                .post("/guest/v1/renew", JSON.createObjectNode())
                .ok()
                .get("callbackToken")
                .asText();
        assertThat(client.with(token).get("/guest/v1/payload").status()).isEqualTo(403);
        assertThat(client.with(renewed).get("/guest/v1/payload").status()).isEqualTo(200);

        String nonce = new TestHttpClient(other.uri())
                .post("/guest/v1/nonce", agent(guest))
                .ok()
                .get("nonce")
                .asText();
        assertThat(client.post("/guest/v1/token", signIn(guest, nonce))
                        .ok()
                        .get("callbackToken")
                        .asText())
                .hasSizeBetween(90, 120);
    }

    @Test
    void F32_of_two_hundred_redemptions_at_once_through_two_processes_exactly_one_succeeds() throws Exception {
        TestGuest guest = deposited();
        var everybody = new CountDownLatch(1);
        List<Future<Response>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                // Each from an address of its own: it is the token that lets one in, not the limit that keeps others
                // out.
                TestHttpClient client = new TestHttpClient((i % 2 == 0 ? one : other).uri()).from("192.0.2." + i);
                Callable<Response> attempt = () -> {
                    everybody.await();
                    return client.post("/guest/v1/bootstrap", bootstrap(TestGuest.of(guest.agent()), guest.token()));
                };
                answers.add(threads.submit(attempt));
            }
            everybody.countDown();
        }
        assertThat(answers)
                .extracting(it -> it.get().status())
                .containsOnlyOnce(200)
                .containsOnly(200, 403);
        assertThat(answers)
                .extracting(it -> it.get().body())
                .filteredOn(it -> !it.contains("payload"))
                .hasSize(199)
                .containsOnly(refusal());
    }

    @Test
    void every_refusal_is_the_same_to_the_byte() throws Exception {
        TestGuest used = deposited();
        TestHttpClient client = new TestHttpClient(one.uri());
        client.post("/guest/v1/bootstrap", bootstrap(used)).ok();
        TestGuest deleted = deposited();
        operator.delete(deleted.agent().toString());
        TestGuest unknown = TestGuest.fresh();
        TestGuest waiting = deposited();
        String nonce =
                client.post("/guest/v1/nonce", agent(unknown)).ok().get("nonce").asText();

        List<Response> refused = List.of(
                client.post("/guest/v1/bootstrap", bootstrap(used)),
                client.post("/guest/v1/bootstrap", bootstrap(deleted)),
                client.post("/guest/v1/bootstrap", bootstrap(unknown)),
                client.post("/guest/v1/bootstrap", bootstrap(TestGuest.of(waiting.agent()))),
                client.post("/guest/v1/bootstrap", bootstrap(TestGuest.fresh(), waiting.token())),
                client.post("/guest/v1/bootstrap", bootstrap(waiting).put("publicKey", "no key")),
                client.post("/guest/v1/bootstrap", bootstrap(waiting).put("agent", "1-1-1-1-1")),
                client.post("/guest/v1/bootstrap", JSON.createArrayNode()),
                client.send("POST", "/guest/v1/bootstrap", "{"),
                client.send("POST", "/guest/v1/bootstrap", "x".repeat(20_000)),
                client.send("POST", "/guest/v1/nonce", "{\"agent\": 7}"),
                client.post("/guest/v1/token", signIn(unknown, nonce)),
                client.post("/guest/v1/token", signIn(used, nonce)),
                client.post("/guest/v1/token", signIn(used, "AA")),
                client.get("/guest/v1/payload"),
                client.with(OpaqueTokens.generate()).get("/guest/v1/payload"),
                client.with("").post("/guest/v1/renew", JSON.createObjectNode()),
                client.with(OpaqueTokens.generate()).send("POST", "/guest/v1/report", "{"),
                client.with(OpaqueTokens.generate()).send("POST", "/guest/v1/logs", "x".repeat(500_000)));

        assertThat(refused).extracting(Response::status).containsOnly(403);
        assertThat(refused).extracting(Response::body).containsOnly(refusal());
        assertThat(refused)
                .extracting(Response::headers)
                .containsOnly(refused.getFirst().headers());
        client.post("/guest/v1/bootstrap", bootstrap(waiting)).ok();
    }

    @Test
    void H19_what_is_missing_or_null_in_a_guests_message_is_named() throws Exception {
        TestHttpClient client = new TestHttpClient(one.uri());
        String token = client.post("/guest/v1/bootstrap", bootstrap(deposited()))
                .ok()
                .get("callbackToken")
                .asText();
        record Odd(String path, String body, String field) {}
        for (Odd it : List.of(
                new Odd("logs", "{}", "lines"),
                new Odd("logs", "{\"lines\": null}", "lines"),
                new Odd("logs", "{\"lines\": [null]}", "lines[0]"),
                new Odd("logs", "{\"lines\": [{\"text\": \"x\"}, null]}", "lines[1]"),
                new Odd("logs", "{\"lines\": {}}", "lines"),
                new Odd("report", "{}", "report"),
                new Odd("report", "{\"report\": []}", "report"),
                new Odd("report", "{\"report\": {\"problems\": [null]}}", "report.problems[0]"),
                new Odd("report", "{\"report\": {\"volume\": {\"sizeBytes\": 1e400}}}", "report.volume.sizeBytes"),
                new Odd(
                        "report",
                        "{\"report\": {\"firewall\": {\"reachable\": [null]}}}",
                        "report.firewall.reachable[0]"))) {
            Response response = client.with(token).send("POST", "/guest/v1/" + it.path, it.body);
            assertThat(response.status()).as(it + response.body()).isEqualTo(400);
            assertThat(response.json().path("field").asText()).as(it.toString()).isEqualTo(it.field);
        }
        for (String body : List.of("", "null", "[]", "\"x\"", "[".repeat(5_000), "{\"report\"")) {
            assertThat(client.with(token).send("POST", "/guest/v1/report", body).status())
                    .as(body.substring(0, Math.min(9, body.length())))
                    .isEqualTo(400);
        }
    }

    @Test
    void H18_a_guest_that_floods_the_door_makes_no_other_wait() throws Exception {
        TestHttpClient client = new TestHttpClient(one.uri());
        TestGuest guest = deposited();
        String flooding = client.post("/guest/v1/bootstrap", bootstrap(guest))
                .ok()
                .get("callbackToken")
                .asText();
        String other = client.post("/guest/v1/bootstrap", bootstrap(deposited()))
                .ok()
                .get("callbackToken")
                .asText();
        JsonNode report = JSON.readTree("{\"report\": {\"bootId\": \"b\"}}");
        List<Future<Response>> flood = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                flood.add(threads.submit(() -> client.with(flooding).post("/guest/v1/report", report)));
            }
            assertThat(client.with(other).post("/guest/v1/report", report).status())
                    .isEqualTo(200);
        }
        assertThat(flood).extracting(it -> it.get().status()).containsOnly(200, 429);

        Response refused = null;
        for (int i = 0; i < 1_000 && (refused == null || refused.status() == 200); i++) {
            refused = client.with(flooding).post("/guest/v1/report", report);
        }
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.headers().get("retry-after").getFirst()))
                .isBetween(1, 60);
        assertThat(client.with(other).post("/guest/v1/report", report).status()).isEqualTo(200);

        String nonce =
                client.post("/guest/v1/nonce", agent(guest)).ok().get("nonce").asText();
        String newer = client.post("/guest/v1/token", signIn(guest, nonce))
                .ok()
                .get("callbackToken")
                .asText();
        int calls = 0;
        while (client.with(newer).post("/guest/v1/report", report).status() == 200) {
            calls++;
        }
        assertThat(calls).as("a new token is no new share").isLessThan(60);
    }

    @Test
    void H18_void_tokens_have_the_database_asked_no_more_often_than_their_address_has_attempts() throws Exception {
        TestHttpClient client = new TestHttpClient(one.uri()).from("203.0.113.77");
        String current = client.post("/guest/v1/bootstrap", bootstrap(deposited()))
                .ok()
                .get("callbackToken")
                .asText();
        List<String> voided = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            voided.add(current);
            current = client.with(current)
                    .post("/guest/v1/renew", JSON.createObjectNode())
                    .ok()
                    .get("callbackToken")
                    .asText();
        }
        var refused = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection owner = database.asOwner().getConnection()) {
            owner.setAutoCommit(false);
            owner.createStatement().execute("LOCK TABLE door.guest IN EXCLUSIVE MODE"); // whoever asks for a row, waits
            for (int i = 0; i < 300; i++) {
                TestHttpClient guest = client.with(voided.get(i % voided.size()));
                threads.submit(() -> {
                    if (guest.get("/guest/v1/payload").status() == 429) {
                        refused.incrementAndGet();
                    }
                    return null;
                });
            }
            // Of 300, 120 are attempts; and some more that come meanwhile.
            await().until(() -> refused.get() >= 100);
        }
        assertThat(client.with(current).get("/guest/v1/payload").status())
                .as("of the token that is not void, from the same address")
                .isEqualTo(200);
    }

    @Test
    void an_address_has_so_many_attempts_and_cannot_pretend_to_be_another() throws Exception {
        TestHttpClient attacker = new TestHttpClient(one.uri()).from("198.51.100.7, 203.0.113.9");
        Response last = null;
        for (int i = 0; i < 1000 && (last == null || last.status() == 403); i++) {
            last = attacker.from("10.%d.%d.1, 203.0.113.9".formatted(i / 250, i % 250))
                    .post("/guest/v1/bootstrap", bootstrap(TestGuest.fresh()));
        }
        assertThat(last.status()).isEqualTo(429);
        assertThat(Integer.parseInt(last.headers().get("retry-after").getFirst()))
                .isBetween(1, 60);

        TestGuest neighbour = deposited();
        String token = new TestHttpClient(one.uri())
                .from("203.0.113.10")
                .post("/guest/v1/bootstrap", bootstrap(neighbour))
                .ok()
                .get("callbackToken")
                .asText();
        assertThat(attacker.with(token).get("/guest/v1/payload").status()).isEqualTo(200);
    }

    @Test
    void only_the_operators_service_account_with_a_token_for_us_comes_to_the_internal_api() throws Exception {
        ControlPlane cluster = ControlPlane.shared();
        String namespace = cluster.newNamespace("others");
        Duration hour = Duration.ofHours(1);
        await().until(() -> cluster.client()
                        .serviceAccounts()
                        .inNamespace(namespace)
                        .withName("default")
                        .get()
                != null);
        Path otherToken = cluster.tokenOf(namespace, "default", ServiceAccountAuthenticator.AUDIENCE, hour);
        Path forTheApiServer =
                cluster.tokenOf(Chart.NAMESPACE, "anchorhold-operator", "https://kubernetes.default.svc", hour);
        TestHttpClient client = new TestHttpClient(one.internalUri());

        assertThat(client.get("/internal/v1/guests").status()).isEqualTo(401);
        assertThat(client.with("nonsense").get("/internal/v1/guests").status()).isEqualTo(401);
        assertThat(client.with(Files.readString(forTheApiServer))
                        .get("/internal/v1/guests")
                        .status())
                .isEqualTo(401);
        assertThat(client.with(Files.readString(otherToken))
                        .get("/internal/v1/guests")
                        .status())
                .isEqualTo(403);
        assertThat(client.with(operatorToken()).get("/internal/v1/guests").status())
                .isEqualTo(200);

        assertThatThrownBy(() -> new DoorClient(
                                new CompanionClient(one.internalUri().toString(), otherToken, HTTP_OF_OPERATOR))
                        .delete(UUID.randomUUID().toString()))
                .isInstanceOf(CloudException.Unauthorized.class);
        assertThatThrownBy(
                        () -> new DoorClient(new CompanionClient("http://127.0.0.1:1", operatorToken, HTTP_OF_OPERATOR))
                                .delete(UUID.randomUUID().toString()))
                .isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void what_is_wrong_with_a_deposit_is_said_by_its_field_and_never_quoted() throws Exception {
        TestGuest guest = TestGuest.fresh();
        ObjectNode good = JSON.valueToTree(JSON.readTree(JsonMappers.STRICT.writeValueAsString(
                guest.deposit(Instant.now().plusSeconds(900)))));
        String path = "/internal/v1/agents/" + guest.agent() + "/deposits";
        TestHttpClient client = operatorsClient();
        record Wrong(String field, ObjectNode body) {}
        List<Wrong> wrong = List.of(
                new Wrong("tokenHash", good.deepCopy().put("tokenHash", "canary-hash")),
                new Wrong("serverName", good.deepCopy().put("serverName", "canary\u0000name")),
                new Wrong("expiresAt", good.deepCopy().put("expiresAt", "canary")),
                new Wrong("expiresAt", good.deepCopy().put("expiresAt", "+1000000000-12-31T23:59:59Z")),
                new Wrong("expiresAt", good.deepCopy().putNull("expiresAt")),
                new Wrong("surprise", good.deepCopy().put("surprise", "canary")),
                new Wrong("payload.image", inPayload(good, "image", "canary:latest")),
                new Wrong("payload.port", inPayload(good, "port", "canary")),
                new Wrong("payload.port", inPayload(good, "port", "70000")),
                new Wrong(
                        "payload.agent.uid",
                        inPayload(good, "/agent", "uid", UUID.randomUUID().toString())),
                new Wrong("payload.settings.tunnelToken", inPayload(good, "/settings", "tunnelToken", "")),
                new Wrong("payload.volume.device", inPayload(good, "/volume", "device", "canary")));
        for (Wrong it : wrong) {
            Response response = client.send("PUT", path, it.body.toString());
            assertThat(response.status()).as(it.field + response.body()).isEqualTo(400);
            assertThat(response.headers().get("content-type")).containsExactly("application/problem+json");
            assertThat(response.json().get("field").asText()).isEqualTo(it.field);
            assertThat(response.body()).doesNotContain("canary");
        }
        assertThat(client.send("PUT", path, "{\"tokenHash\": canary").status()).isEqualTo(400);
        assertThat(client.send("PUT", path, "null").status()).isEqualTo(400);
        assertThat(client.send("PUT", path, "[".repeat(100_000)).status()).isEqualTo(400);
        assertThat(client.send("PUT", path, "x".repeat((4 << 20) + 1)).status()).isEqualTo(413);
        assertThat(client.send("PUT", "/internal/v1/agents/nobody/deposits", good.toString())
                        .json()
                        .get("field")
                        .asText())
                .isEqualTo("uid");
        assertThat(client.get("/internal/v1/guests?after=-1")
                        .json()
                        .get("field")
                        .asText())
                .isEqualTo("after");
        assertThat(client.get("/internal/v1/guests?wait=31").json().get("field").asText())
                .isEqualTo("wait");
        assertThat(client.send("PUT", path, good.toString()).status()).isEqualTo(204);
    }

    @Test
    void a_process_without_the_companions_role_shows_health_and_metrics_and_no_more() throws Exception {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        try (var operatorOnly = OperatorProcess.start(
                        new Settings(folder.resolve("operator"), chart.operatorKubeconfig(), Map.of()))
                .awaitReady()) {
            TestHttpClient client = new TestHttpClient(operatorOnly.managementUri());
            assertThat(client.get("/q/metrics").status()).isEqualTo(200);
            assertThat(client.post("/guest/v1/nonce", agent(TestGuest.fresh())).status())
                    .isEqualTo(404);
            assertThat(client.with(operatorToken()).get("/internal/v1/guests").status())
                    .isEqualTo(404);
        }
    }

    @Test
    void F28_no_secret_is_in_the_companions_log() throws Exception {
        TestGuest guest = deposited();
        JsonNode response = new TestHttpClient(other.uri())
                .post("/guest/v1/bootstrap", bootstrap(guest))
                .ok();
        for (CompanionProcess it : List.of(one, other)) {
            assertThat(Files.readString(it.log()))
                    .doesNotContain(
                            guest.token(),
                            response.get("callbackToken").asText(),
                            TestGuest.SECRET_IN_ENVIRONMENT,
                            TestGuest.TUNNEL_TOKEN,
                            operatorToken(),
                            Files.readString(folder.resolve("sealing-key")));
        }
    }

    private static TestGuest deposited() {
        TestGuest guest = TestGuest.fresh();
        operator.deposit(guest.agent().toString(), guest.deposit(Instant.now().plus(Duration.ofMinutes(15))));
        return guest;
    }

    private static TestHttpClient operatorsClient() throws Exception {
        return new TestHttpClient(one.internalUri()).with(operatorToken());
    }

    private static String operatorToken() throws Exception {
        return Files.readString(operatorToken);
    }

    private String refusal() throws Exception {
        return new TestHttpClient(one.uri()).get("/guest/v1/payload").body();
    }

    private static ObjectNode inPayload(ObjectNode good, String field, String value) {
        return inPayload(good, "", field, value);
    }

    private static ObjectNode inPayload(ObjectNode good, String below, String field, String value) {
        ObjectNode copy = good.deepCopy();
        ((ObjectNode) copy.at("/payload" + below)).put(field, value);
        return copy;
    }
}
