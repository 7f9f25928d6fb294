package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The drill of {@code docs/operations.md}: backup and restore into a new cluster, by the commands that are written there,
 * with the companion's database, both simulated clouds and the guests as they were.
 */
class RestoreDrillTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```sh\\n *# ([^\\n]*)\\n(.*?)^ *```");

    @TempDir
    private Path folder;

    private KubernetesClient now;
    private String namespace;

    @Test
    void H09_everything_goes_on_in_a_new_cluster_after_the_commands_of_the_handbook() throws Exception {
        var keys = new DatabaseAndKeys(CompanionDatabase.fresh(), folder);
        int[] ports = {Ports.free(), Ports.free()}; // guests go on dialling the door's address
        var companion = companion("before", TestEnvironment.chart(), ports, keys);
        try (var stage = new AgentTestEnvironment(TestEnvironment.quick(), Duration.ofSeconds(1), companion)) {
            var test = stage.testEnvironment;
            namespace = test.namespace;
            ControlPlane.shared().kubectl("label", "namespace", namespace, "anchorhold.dev/account=" + test.account);
            test.operator();
            stage.apply("kept");
            stage.apply("cold");
            test.apply("web");
            Agent kept = stage.awaitReady("kept");
            Agent cold = stage.awaitReady("cold");
            PlainVm web = test.awaitReady("web");
            List<HasMetadata> old = List.of(kept, cold, web);
            old.forEach(it -> Awaitility.await().until(() -> !events(keys, it).isEmpty()));

            run(ControlPlane.shared(), "back up");
            inTheBackup("installation.json", ".metadata.name | endswith(\"%s\")".formatted(test.id));
            inTheBackup("namespaces.json", ".metadata.name == \"%s\"".formatted(namespace));
            inTheBackup("objects.json", ".metadata.namespace == \"%s\"".formatted(namespace));
            inTheBackup( // "cold" is restored as from a backup of specs alone
                    "secrets.json",
                    ".metadata.namespace == \"%s\" and .metadata.name != \"cold-frozen\"".formatted(namespace));
            test.forgetOperator();
            companion.close();
            old.forEach(RestoreDrillTest::lose);

            try (var cluster = ControlPlane.start(folder.resolve("new"), ControlPlane.Storage.THROWAWAY)) {
                now = cluster.client();
                var chart = Chart.install(cluster, Map.of("installation", test.id));
                copyToken(test);
                run(cluster, "restore the objects");
                restoreStatus(kept); // as Velero does it, when it is told to
                restoreStatus(web);
                run(cluster, "tell whom they succeed");
                try (var again = companion("after", chart, ports, keys);
                        var _ = new InProcessOperator(
                                chart.operatorKubeconfig(),
                                test.id,
                                InProcessOperator.QUICK,
                                InstantSource.system(),
                                Optional.of(new InProcessOperator.Companion(
                                        again.internalUri(), again.doorUri(), chart.operatorTokenForCompanion())))) {
                    run(cluster, "wait");
                    thenAllIsAsBefore(stage, keys, kept, cold, web);
                }
            }
        } finally {
            companion.close();
        }
    }

    private void thenAllIsAsBefore(
            AgentTestEnvironment stage, DatabaseAndKeys keys, Agent kept, Agent cold, PlainVm web) {
        var clouds = new AgentCloudContents(stage);
        var keptNow = await(Agent.class, "kept", _ -> true);
        var coldNow = await(Agent.class, "cold", _ -> true);
        var webNow = await(PlainVm.class, "web", _ -> true);
        assertThat(keptNow.getStatus().serverId()).isEqualTo(kept.getStatus().serverId());
        assertThat(webNow.getStatus().serverId()).isEqualTo(web.getStatus().serverId());
        assertThat(coldNow.getStatus().serverId())
                .as("what it was started from was not restored")
                .isNotEqualTo(cold.getStatus().serverId());
        for (Agent[] it : new Agent[][] {{kept, keptNow}, {cold, coldNow}}) {
            assertThat(it[1].getStatus().volumeId()).isEqualTo(it[0].getStatus().volumeId());
            assertThat(it[1].getStatus().url()).isEqualTo(it[0].getStatus().url());
            assertThat(it[1].getStatus().tunnelId()).isEqualTo(it[0].getStatus().tunnelId());
            clouds.assertExactlyOneOfEach(it[1]);
        }
        assertThat(clouds.servers()).hasSize(3);
        Awaitility.await()
                .until(() -> Condition.find(
                                now.resources(ProviderConfig.class)
                                        .withName(stage.testEnvironment.provider)
                                        .get()
                                        .getStatus()
                                        .conditions(),
                                Reasons.NO_ORPHANS)
                        .filter(Condition::holds)
                        .isPresent());
        for (HasMetadata[] it : new HasMetadata[][] {{kept, keptNow}, {cold, coldNow}, {web, webNow}}) {
            Awaitility.await().untilAsserted(() -> {
                String end = events(keys, it[0]).getLast();
                String begin = events(keys, it[1]).getFirst();
                assertThat(end).startsWith("destroy at ");
                assertThat(begin).isEqualTo(end.replace("destroy at", "provision at"));
            });
        }
    }

    private <T extends HasMetadata> T await(Class<T> kind, String name, Predicate<T> condition) {
        var object = now.resources(kind).inNamespace(namespace).withName(name);
        Awaitility.await(name).until(() -> condition.test(object.get()));
        return object.get();
    }

    private CompanionProcess companion(String name, Chart chart, int[] ports, DatabaseAndKeys keys) throws IOException {
        Path own = Files.createDirectories(folder.resolve("companion-" + name));
        return CompanionProcess.start(
                        new ProductProcess.Settings(own, chart.companionKubeconfig(), Map.of()),
                        keys,
                        ports[0],
                        ports[1])
                .awaitReady();
    }

    // ---- the handbook

    /** Runs the block that begins with this comment, as a person would: in a folder of theirs, with their kubeconfig. */
    private void run(ControlPlane cluster, String title) throws IOException {
        String script = BLOCK.matcher(Files.readString(Programs.CHECKOUT.resolve("docs/operations.md")))
                .results()
                .filter(it -> it.group(2).strip().equals(title))
                .map(it -> it.group(3))
                .findFirst()
                .orElseThrow();
        Path backup = Files.createDirectories(folder.resolve("backup"));
        Path kubectl = Programs.find("kubectl").getParent();
        ExternalProgram.of(
                        Path.of("/bin/bash"),
                        "-euo",
                        "pipefail",
                        "-c",
                        "cd '%s'; PATH='%s':$PATH\n%s"
                                .formatted(backup, kubectl, script.replace("--timeout=15m", "--timeout=2m")))
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .run();
    }

    /** Keeps only what the test wants: other tests have left things in the cluster. */
    private void inTheBackup(String file, String wanted) {
        ExternalProgram.of(
                        Path.of("/bin/bash"),
                        "-euo",
                        "pipefail",
                        "-c",
                        "cd '%s'; jq '.items |= map(select(%s))' %s > some; mv some %s"
                                .formatted(folder.resolve("backup"), wanted, file, file))
                .run();
    }

    // ---- what the handbook leaves to a person, and the disaster

    private void copyToken(TestEnvironment test) {
        var token = test.kubernetes
                .secrets()
                .inNamespace(Chart.TOKENS)
                .withName("token-" + test.id)
                .get();
        token.setMetadata(new ObjectMetaBuilder()
                .withName("token-" + test.id)
                .withNamespace(Chart.TOKENS)
                .withLabels(token.getMetadata().getLabels())
                .build());
        now.resource(token).create();
    }

    private void restoreStatus(HasMetadata backup) {
        Object status = backup instanceof Agent agent ? agent.getStatus() : ((PlainVm) backup).getStatus();
        now.resources(backup.getClass())
                .inNamespace(namespace)
                .withName(backup.getMetadata().getName())
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": %s}"
                                .formatted(now.getKubernetesSerialization().asJson(status)));
    }

    private static void lose(HasMetadata object) {
        var it = ControlPlane.shared().client().resource(object);
        it.delete();
        TestEnvironment.letGo(it);
        Awaitility.await().until(() -> it.get() == null);
    }

    private static List<String> events(DatabaseAndKeys keys, HasMetadata object) {
        try (var connection = keys.database().asApplication().getConnection();
                var query = connection.prepareStatement(
                        "SELECT event || ' at ' || at FROM ledger.event WHERE resource = ?::uuid ORDER BY index")) {
            query.setString(1, object.getMetadata().getUid());
            var rows = query.executeQuery();
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
