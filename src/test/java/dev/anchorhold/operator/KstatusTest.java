package dev.anchorhold.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.GoProgram;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flux, Argo CD and other tools that wait by kstatus take for done: kstatus itself, of every version of every object. */
class KstatusTest {
    private static final Map<String, String> KINDS = Map.of(
            "ProviderConfig", "providerconfigs",
            "Account", "accounts",
            "AgentImage", "agentimages",
            "PlainVm", "plainvms",
            "Agent", "agents");

    private final List<GenericKubernetesResource> versions = new CopyOnWriteArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void H24_no_object_of_any_kind_counts_as_done_before_it_is() throws Exception {
        var program = new GoProgram(folder, "kstatus");
        try (var stage = new AgentTestEnvironment()) {
            var watches =
                    KINDS.keySet().stream().map(kind -> watch(stage, kind)).toList();
            stage.apply("coder");
            stage.testEnvironment.apply("web");
            Awaitility.await()
                    .until(() ->
                            versions.stream().map(it -> it.getKind()).distinct().count() == KINDS.size());
            assertThat(computed(program))
                    .as("nobody has looked at any of them yet")
                    .containsOnly("InProgress");

            stage.testEnvironment.operator();
            stage.awaitReady("coder");
            stage.testEnvironment.awaitReady("web");
            stage.patch("coder", "{\"shareLogs\": true}");
            stage.testEnvironment.apply("web", "firewall: {inbound: []}");
            stage.publish(2);
            stage.kubernetes
                    .resource(stage.testEnvironment.account(5))
                    .forceConflicts()
                    .serverSideApply();
            stage.awaitReady("coder");
            stage.testEnvironment.awaitReady("web");
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(newest()).hasSize(KINDS.size()).allMatch(KstatusTest::isDone));
            watches.forEach(Watch::close);

            List<String> statuses = computed(program);
            for (int i = 0; i < versions.size(); i++) {
                var version = versions.get(i);
                assertThat(statuses.get(i)).as("%s", version).isEqualTo(isDone(version) ? "Current" : "InProgress");
            }
        }
    }

    /** Ready, and said of this generation. */
    private static boolean isDone(GenericKubernetesResource it) {
        Object observed = it.get("status", "observedGeneration");
        List<Map<String, Object>> conditions = it.get("status", "conditions");
        return observed instanceof Number number
                && number.longValue() == it.getMetadata().getGeneration()
                && conditions.getFirst().get("type").equals(Reasons.READY)
                && conditions.getFirst().get("status").equals(Condition.Status.True.name());
    }

    private List<GenericKubernetesResource> newest() {
        return List.copyOf(versions.stream()
                .collect(java.util.stream.Collectors.toMap(
                        GenericKubernetesResource::getKind, it -> it, (_, later) -> later))
                .values());
    }

    private List<String> computed(GoProgram program) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        var json = new com.fasterxml.jackson.databind.ObjectMapper();
        for (var version : versions) {
            lines.add(json.writeValueAsString(version));
        }
        Path file = Files.write(folder.resolve("objects"), lines);
        return program.run(Map.of("OBJECTS", file.toString())).lines().toList();
    }

    /** All versions of this environment's objects of the kind, from the first on. */
    private Watch watch(AgentTestEnvironment stage, String kind) {
        var context = new ResourceDefinitionContext.Builder()
                .withGroup("anchorhold.dev")
                .withVersion("v1alpha1")
                .withKind(kind)
                .withPlural(KINDS.get(kind))
                .withNamespaced(kind.equals("PlainVm") || kind.equals("Agent"))
                .build();
        var ours = List.of(stage.testEnvironment.provider, stage.testEnvironment.account, stage.image, "coder", "web");
        var resources = stage.kubernetes.genericKubernetesResources(context);
        return (context.isNamespaceScoped() ? resources.inNamespace(stage.testEnvironment.namespace) : resources)
                .watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, GenericKubernetesResource version) {
                        if (ours.contains(version.getMetadata().getName())) {
                            versions.add(version);
                        }
                    }

                    @Override
                    public void onClose(WatcherException cause) {}
                });
    }
}
