package dev.anchorhold.signals;

import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.ProductProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** The packaged operator and companion as processes, between simulated clouds, with an Agent and a PlainVm. */
final class RunningRoles implements AutoCloseable {
    final AgentTestEnvironment stage;
    final CompanionProcess companion;
    final OperatorProcess operator;

    /** They log as they do in a cluster, and send their spans to that collector. */
    RunningRoles(Path folder, URI collector) {
        Map<String, String> environment =
                Map.of("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true", "ANCHORHOLD_TRACING_ENDPOINT", collector.toString());
        companion = CompanionProcess.start(
                        new ProductProcess.Settings(
                                folder.resolve("companion"),
                                TestEnvironment.chart().companionKubeconfig(),
                                environment),
                        new DatabaseAndKeys(CompanionDatabase.fresh(), folder))
                .awaitReady();
        stage = new AgentTestEnvironment(TestEnvironment.quick(), Duration.ofSeconds(1), companion);
        var settings =
                new HashMap<>(companion.forOperator(TestEnvironment.chart().operatorTokenForCompanion()));
        settings.put("ANCHORHOLD_DOOR_URL", companion.doorUri().toString());
        settings.put("ANCHORHOLD_INSTALLATION", stage.testEnvironment.id);
        settings.putAll(environment);
        operator = OperatorProcess.start(new ProductProcess.Settings(
                        folder.resolve("operator"), TestEnvironment.chart().operatorKubeconfig(), settings))
                .awaitReady();
    }

    /** One of each kind is there, one was deleted, the cloud was away for a call or two, and a stranger was turned away. */
    void live() throws Exception {
        var faults = stage.testEnvironment.cloud.faults();
        faults.next("POST", "/servers", new Faults.Fail(503, "unavailable", "away"));
        faults.add("GET", "*actions*", 2, new Faults.Fail(503, "unavailable", "away"));
        stage.edge.faults().next("POST", "*cfd_tunnel", new Faults.Fail(503, "1000", "away"));
        stage.apply("coder");
        stage.testEnvironment.apply("web");
        stage.testEnvironment.apply("gone");
        stage.testEnvironment.awaitReady("web");
        stage.testEnvironment.awaitReady("gone");
        stage.testEnvironment.vm("gone").delete();
        stage.testEnvironment.awaitGone("gone");
        stage.awaitReady("coder");
        redeemNothing();
    }

    /** As a thief would who has a token that was spent. */
    private void redeemNothing() throws Exception {
        String key = """
                -----BEGIN PUBLIC KEY-----
                MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
                -----END PUBLIC KEY-----
                """.replace("\n", "\\n");
        String body = "{\"agent\": \"%s\", \"token\": \"none\", \"publicKey\": \"%s\"}".formatted(new UUID(0, 1), key);
        try (var http = HttpClient.newHttpClient()) {
            http.send(
                    HttpRequest.newBuilder(URI.create(companion.doorUri() + "/guest/v1/bootstrap"))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.discarding());
        }
    }

    ExposedMetrics metrics() {
        return ExposedMetrics.of(operator).and(ExposedMetrics.of(companion));
    }

    @Override
    public void close() {
        operator.close();
        stage.close();
        companion.close();
    }
}
