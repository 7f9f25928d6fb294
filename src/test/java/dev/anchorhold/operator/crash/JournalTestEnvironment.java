package dev.anchorhold.operator.crash;

import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.crash.StoredBooks;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.proxy.HttpProxy;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.ProductProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * Test environment with Agents, a companion and books of its own, and an operator between two proxies: one before the
 * API server, one before the companion.
 */
final class JournalTestEnvironment implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    final CompanionProcess companion;
    final AgentTestEnvironment agents;
    final OperatorProcess operator;
    final JournalHistory journalHistory;
    private final StoredBooks books;
    private final HttpProxy cluster;
    private final HttpProxy door;

    JournalTestEnvironment(Path folder, CompanionDatabase database, HetznerOptions options) throws IOException {
        books = new StoredBooks(database);
        companion = CompanionProcess.start(
                        new ProductProcess.Settings(
                                folder.resolve("companion"),
                                TestEnvironment.chart().companionKubeconfig(),
                                Map.of()),
                        new DatabaseAndKeys(database, folder))
                .awaitReady();
        agents = new AgentTestEnvironment(options, Duration.ofSeconds(1), companion);
        journalHistory = new JournalHistory(agents.kubernetes, agents.testEnvironment.namespace);
        var config = agents.kubernetes.getConfiguration();
        cluster = new HttpProxy(URI.create(config.getMasterUrl()), HttpProxy.trusting(config.getCaCertData()));
        door = new HttpProxy(companion.internalUri(), HttpClient.newHttpClient());
        operator = OperatorProcess.start(new OperatorProcess.Settings(
                folder.resolve("operator"),
                throughProxy(folder),
                Map.of(
                        "ANCHORHOLD_INSTALLATION",
                        agents.testEnvironment.id,
                        "ANCHORHOLD_COMPANION_URL",
                        door.uri().toString(),
                        "ANCHORHOLD_COMPANION_TOKEN_FILE",
                        TestEnvironment.chart().operatorTokenForCompanion().toString(),
                        "ANCHORHOLD_DOOR_URL",
                        companion.uri().toString())));
    }

    private Path throughProxy(Path folder) throws IOException {
        String kubeconfig = Files.readString(TestEnvironment.chart().operatorKubeconfig());
        return Files.writeString(
                folder.resolve("kubeconfig"), kubeconfig.replaceAll("server: \\S+", "server: " + cluster.uri()));
    }

    /** A second account, to give Agents to. */
    String otherAccount() {
        String name = "other-" + agents.testEnvironment.id;
        agents.kubernetes
                .resource(agents.testEnvironment.account(name, null, null))
                .create();
        return name;
    }

    /** The next status of the Agent that tells of such an event. */
    Hold holdStatus(String agent, String event, When when) {
        return cluster.hold(it -> it.path().endsWith("/agents/" + agent + "/status") && containsEvent(it, event), when);
    }

    /** The request by which the object may go. */
    Hold holdFinalizer(String agent, When when) {
        return cluster.hold(
                it -> !it.method().equals("GET")
                        && it.path().endsWith("/agents/" + agent)
                        && it.body().contains("finalizers"),
                when);
    }

    /** The next delivery that tells of such an event. */
    Hold holdDelivery(String event, When when) {
        return door.hold(it -> it.path().equals("/internal/v1/journals") && containsEvent(it, event), when);
    }

    private static boolean containsEvent(HttpProxy.Request request, String event) {
        return request.body().contains("\"event\":\"" + event + "\"");
    }

    /** Until the books have each entry that ever stood in a journal, once, and come to what they must. */
    void awaitLedger() {
        await("the books to have what was told")
                .atMost(PATIENCE)
                .untilAsserted(() -> books.assertHold(journalHistory.journals()));
    }

    @Override
    public void close() {
        operator.close();
        journalHistory.close();
        agents.close();
        companion.close();
        door.close();
        cluster.close();
    }
}
