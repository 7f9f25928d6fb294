package dev.anchorhold.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.TokenAccess;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.ProductProcess;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches all places where an Agent's secrets must not be, while it lives and after it. */
@Tag("slow")
class AgentSecretLeakTest {
    private static final String HETZNER = "Canary0Hetzner1Canary2Hetzner3Canary4Hetzner5Canary6Hetzner7Zzzz";
    private static final String CLOUDFLARE = "Canary0Cloudflare1Canary2Cloudflare3Canary4Z";
    private static final String PLAIN = "canary-in-a-plain-value-0123456789";
    private static final String FROM_SECRET = "canary-from-a-secret-0123456789";
    private static final String PULL = "canary-in-a-pull-secret-0123456789";
    private static final String MISSENT = "canary-in-a-malformed-body-0123456789";
    private static final Map<String, String> DEBUG = Map.of("QUARKUS_LOG_LEVEL", "DEBUG");

    private final Map<String, String> secrets = new LinkedHashMap<>(Map.of(
            "the Hetzner token",
            HETZNER,
            "the Cloudflare token",
            CLOUDFLARE,
            "the plain value",
            PLAIN,
            "the Secret's value",
            FROM_SECRET,
            "the registry's password",
            PULL,
            "what was sent malformed",
            MISSENT));
    private final Map<String, String> places = new LinkedHashMap<>();

    @TempDir
    Path logs;

    @TempDir
    Path keys;

    @Test
    void F28_no_secret_of_an_agents_life_is_anywhere_but_where_it_belongs() throws Exception {
        var books = new DatabaseAndKeys(CompanionDatabase.fresh(), keys);
        try (var companion = CompanionProcess.start(
                                settings("companion", TestEnvironment.chart().companionKubeconfig()), books)
                        .awaitReady();
                var stage = new AgentTestEnvironment(TestEnvironment.quick(), Duration.ofSeconds(1), companion);
                var hetzner = new EchoingProxy(stage.testEnvironment.cloud.endpoint());
                var cloudflare = new EchoingProxy(stage.edge.endpoint())) {
            Path operatorToken = TestEnvironment.chart().operatorTokenForCompanion();
            secrets.put(
                    "the operator's token for the companion",
                    Files.readString(operatorToken).strip());
            secrets.put(
                    "the operator's token for Kubernetes",
                    kubernetesToken(TestEnvironment.chart().operatorKubeconfig()));
            secrets.put(
                    "the companion's token for Kubernetes",
                    kubernetesToken(TestEnvironment.chart().companionKubeconfig()));
            secrets.put(
                    "the sealing key",
                    Files.readString(keys.resolve("sealing-key")).strip());
            secrets.put(
                    "the log's signing key",
                    Files.readAllLines(keys.resolve("log-key.pem")).get(1));
            standBetween(stage, hetzner, cloudflare);
            try (var operator = startOperator(stage, companion, operatorToken)) {
                live(stage, hetzner, cloudflare, books.database());
                missend(companion, Files.readString(operatorToken).strip());
                search("at its end", stage, books.database());
                places.putAll(LeakSurfaces.of(operator));
                places.putAll(LeakSurfaces.of(companion));
                places.put("all command lines", LeakSurfaces.commandLines());
                stage.agent("canary").delete();
                stage.awaitGone("canary");
                search("after it", stage, books.database());
            }
            places.put(
                    "Hetzner's request log",
                    stage.testEnvironment.cloud.requests().entries().toString());
            places.put(
                    "Cloudflare's request log", stage.edge.requests().entries().toString());
            places.putAll(LeakSurfaces.files(logs));
            assertThat(List.of(hetzner.left(), cloudflare.left()))
                    .as("failures never met")
                    .allMatch(List::isEmpty);
            assertThat(places.get("the operator's log")).contains("DEBUG", "refused: ");
            assertThat(places.get("the companion's log")).contains("DEBUG");
            assertThat(secrets).as("secrets of guests that were seen").hasSizeGreaterThan(16);
            places.forEach(this::assertThatNoneIsIn);
            assertThatUserDataHasItsBootstrapTokenAlone(stage);
        }
    }

    private ProductProcess.Settings settings(String name, Path kubeconfig) {
        return new ProductProcess.Settings(logs.resolve(name), kubeconfig, DEBUG);
    }

    private static void standBetween(AgentTestEnvironment stage, EchoingProxy hetzner, EchoingProxy cloudflare) {
        stage.testEnvironment.cloud.console().token("default", HETZNER, "READ_WRITE");
        stage.edge.console().token("default", CLOUDFLARE, TokenAccess.READ_WRITE);
        stage.testEnvironment.tokens(HETZNER, CLOUDFLARE);
        stage.kubernetes
                .resources(ProviderConfig.class)
                .withName(stage.testEnvironment.provider)
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"spec": {"hetzner": {"endpoint": "%s"}, "cloudflare": {"endpoint": "%s"}}}""".formatted(hetzner.endpoint(), cloudflare.endpoint()));
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("api")
                        .withNamespace(stage.testEnvironment.namespace)
                        .endMetadata()
                        .withStringData(Map.of("key", FROM_SECRET))
                        .build())
                .create();
        stage.kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(stage.image)
                        .withNamespace(Chart.TOKENS)
                        .withLabels(Map.of(ApiNames.PULL_SECRET, "true"))
                        .endMetadata()
                        .withType("kubernetes.io/dockerconfigjson")
                        .withStringData(Map.of(".dockerconfigjson", """
                                {"auths": {"registry.example": {"username": "robot", "password": "%s"}}}\
                                """.formatted(PULL)))
                        .build())
                .create();
        stage.kubernetes
                .resources(AgentImage.class)
                .withName(stage.image)
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"spec": {"pullSecretRef": {"name": "%s"}}}""".formatted(stage.image));
    }

    private OperatorProcess startOperator(AgentTestEnvironment stage, CompanionProcess companion, Path token) {
        var operatorSettings = new HashMap<>(companion.forOperator(token));
        operatorSettings.putAll(DEBUG);
        operatorSettings.put("ANCHORHOLD_DOOR_URL", companion.uri().toString());
        operatorSettings.put("ANCHORHOLD_INSTALLATION", stage.testEnvironment.id);
        return OperatorProcess.start(new ProductProcess.Settings(
                        logs.resolve("operator"), TestEnvironment.chart().operatorKubeconfig(), operatorSettings))
                .awaitReady();
    }

    /** A life in which everything is done, and every write that carries a secret fails once and is echoed. */
    private void live(
            AgentTestEnvironment stage, EchoingProxy hetzner, EchoingProxy cloudflare, CompanionDatabase database)
            throws Exception {
        String tunnels = "/accounts/%s/cfd_tunnel".formatted(stage.edge.accountId());
        hetzner.next("POST", "/volumes", 422, "invalid_input");
        hetzner.next("POST", "/servers", 503, "unavailable");
        hetzner.next("POST", "/servers", 500, "");
        cloudflare.next("POST", tunnels, 503, "1000");
        cloudflare.next("PUT", tunnels, 502, "");
        cloudflare.next("POST", "/zones", 503, "1000");
        stage.guests.mute(true);
        stage.apply(
                "canary",
                "env: [{name: PLAIN, value: '%s'}, {name: KEY, secretKeyRef: {name: api, key: key}}]".formatted(PLAIN));
        stage.awaitReason("canary", Reasons.REQUEST_REFUSED);
        search("when refused", stage, database);
        stage.patch("canary", "{\"shareLogs\": true}");
        stage.awaitReason("canary", Reasons.GUEST_BOOTING);
        search("with a deposit", stage, database);
        stage.guests.mute(false);
        long first = stage.agent("canary").get().getStatus().serverId();
        stage.testEnvironment.cloud.console().act("POST", "/servers/" + first + "/actions/reset", null);
        stage.awaitReady("canary");
        noteSecrets("at first", stage);

        stage.patch("canary", "{\"operatingMode\": \"Paused\", \"pausePolicy\": \"ReleaseServer\"}");
        stage.awaitReason("canary", Reasons.PAUSED);
        stage.patch("canary", "{\"operatingMode\": \"Running\"}");
        stage.awaitReady("canary");
        noteSecrets("resumed", stage);

        cloudflare.next("PATCH", tunnels, 503, "1000");
        String other = "other-" + stage.testEnvironment.id;
        stage.kubernetes
                .resource(stage.testEnvironment.account(other, null, null))
                .create();
        stage.patch("canary", "{\"account\": \"%s\"}".formatted(other));
        stage.await("canary", a -> other.equals(a.getStatus().account()));
        stage.awaitReady("canary");
        noteSecrets("transferred", stage);
    }

    private void noteSecrets(String when, AgentTestEnvironment stage) throws Exception {
        var guest = stage.guest("canary");
        String tunnelToken = stage.edge
                .console()
                .tunnelToken(stage.agent("canary").get().getStatus().tunnelId());
        secrets.put("the bootstrap token " + when, guest.bootstrapToken());
        secrets.put("the callback token " + when, guest.callbackToken().orElseThrow());
        secrets.put("the tunnel token " + when, tunnelToken);
        secrets.put(
                "the tunnel secret " + when,
                new ObjectMapper()
                        .readTree(Base64.getDecoder().decode(tunnelToken))
                        .get("s")
                        .asText());
        assertThat(guest.payload().orElseThrow().at("/env/PLAIN").asText()).isEqualTo(PLAIN);
        assertThat(guest.payload().orElseThrow().at("/env/KEY").asText()).isEqualTo(FROM_SECRET);
        assertThat(guest.payload().orElseThrow().at("/login/password").asText()).isEqualTo(PULL);
    }

    /** Bodies that break in the middle of a secret, for both of the companion's APIs. */
    private static void missend(CompanionProcess companion, String operatorToken) throws Exception {
        String guests = "{\"agent\": \"%s\", \"token\": ".formatted(new UUID(0, 1));
        send("POST", companion.uri() + "/guest/v1/bootstrap", MISSENT, guests + "{\"x\": \"" + MISSENT + "\"}}");
        send("POST", companion.uri() + "/guest/v1/bootstrap", MISSENT, guests + "\"" + MISSENT + "\\u");
        send("POST", companion.uri() + "/guest/v1/report", MISSENT, "{\"report\": \"" + MISSENT + "\"}");
        String deposits = companion.internalUri() + "/internal/v1/agents/" + new UUID(0, 1) + "/deposits";
        send("PUT", deposits, operatorToken, "{\"payload\": {\"env\": \"" + MISSENT + "\"}}");
        send("PUT", deposits, operatorToken, "{\"payload\": {\"env\": {\"K\": \"" + MISSENT + "\"x");
        send("PUT", deposits, MISSENT, "{}");
    }

    private static void send(String method, String uri, String token, String body) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create(uri))
                            .method(method, BodyPublishers.ofString(body))
                            .header("Content-Type", "application/json")
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 499);
            assertThat(answer.body()).doesNotContain(MISSENT);
        }
    }

    // ---- the search

    private void search(String when, AgentTestEnvironment stage, CompanionDatabase database) throws SQLException {
        String kubernetes = LeakSurfaces.kubernetes();
        assertThat(kubernetes).contains("\"AgentImage\"", "events.k8s.io", stage.image);
        places.put("all of Kubernetes but the Secrets, " + when, kubernetes);
        places.put("the database, " + when, rows(database));
    }

    /** All tables as text; bytes are in hexadecimal digits. */
    private static String rows(CompanionDatabase database) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (var connection = database.asOwner().getConnection();
                var statement = connection.createStatement()) {
            for (String table : new String[] {"feed", "guest", "deposit", "log_line"}) {
                var found = statement.executeQuery("SELECT t::text FROM door.%s t".formatted(table));
                while (found.next()) {
                    rows.add(table + " " + found.getString(1));
                }
            }
        }
        assertThat(rows).anyMatch(row -> row.startsWith("feed"));
        return String.join("\n", rows);
    }

    private void assertThatNoneIsIn(String place, String text) {
        secrets.forEach((name, secret) -> assertThat(containsInAnyForm(text, secret))
                .as("%s in %s%n%s", name, place, around(text, secret))
                .isFalse());
    }

    private static boolean containsInAnyForm(String text, String secret) {
        String middle = secret.substring(secret.length() / 8, secret.length() * 7 / 8);
        byte[] bytes = secret.getBytes(UTF_8);
        return text.contains(secret)
                || (secret.length() >= 40 && text.contains(middle))
                || text.contains(Base64.getEncoder().encodeToString(bytes))
                || text.contains(HexFormat.of().formatHex(bytes));
    }

    /** The line in which it stands, for whoever has to find out how it came there. */
    private static String around(String text, String secret) {
        int at = text.indexOf(secret);
        return at < 0 ? "" : text.substring(Math.max(0, at - 300), Math.min(text.length(), at + 100));
    }

    private void assertThatUserDataHasItsBootstrapTokenAlone(AgentTestEnvironment stage) {
        var documents = stage.guests.documents().values();
        assertThat(documents)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(document -> secrets.forEach((name, secret) -> {
                    if (!name.startsWith("the bootstrap token")) {
                        assertThat(containsInAnyForm(document, secret))
                                .as(name + " in the user data")
                                .isFalse();
                    }
                }));
        secrets.forEach((name, secret) -> {
            if (name.startsWith("the bootstrap token")) {
                assertThat(documents.stream().filter(d -> d.contains(secret)).distinct())
                        .as("documents with " + name)
                        .hasSize(1);
            }
        });
    }

    private static String kubernetesToken(Path kubeconfig) {
        return Config.fromKubeconfig(kubeconfig.toFile()).getAutoOAuthToken();
    }
}
