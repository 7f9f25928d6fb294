package dev.anchorhold.operator.providerconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.Conditions;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OrphanSweepTest {

    @Test
    void F22_F23_orphans_are_reported_after_a_wait_and_deleted_only_on_request_and_never_another_installations() {
        var ahead = new AtomicReference<>(Duration.ZERO);
        try (var stage = new Stage(Stage.quick());
                var _ = new InProcessOperator(
                        Stage.chart().operatorKubeconfig(),
                        stage.id,
                        InProcessOperator.QUICK,
                        () -> Instant.now().plus(ahead.get()),
                        Optional.empty())) {
            stage.apply("alive");
            long alive = stage.awaitReady("alive").getStatus().serverId();
            long orphan = server(stage, "orphan", stage.id);
            long foreign = server(stage, "foreign", "another-installation");

            poke(stage);
            awaitCondition(stage, Condition.Status.True);
            var found = await().atMost(Duration.ofSeconds(40))
                    .until(
                            () -> {
                                ahead.updateAndGet(d -> d.plusMinutes(2));
                                poke(stage);
                                return condition(stage);
                            },
                            c -> c.filter(it -> it.reason().equals(Reasons.ORPHANS_FOUND))
                                    .isPresent())
                    .orElseThrow();
            assertThat(found.message())
                    .contains("server " + orphan)
                    .doesNotContain("" + alive, "" + foreign)
                    .contains("spec.orphans: Delete");
            assertThat(status(stage, orphan)).as("reported, not touched").isEqualTo("running");

            stage.kubernetes
                    .resource(stage.providerConfig(Firewalls.PerVm, Orphans.Delete))
                    .forceConflicts()
                    .serverSideApply();
            await().atMost(Duration.ofSeconds(40)).until(() -> {
                poke(stage);
                return stage.cloud
                                .console()
                                .act("GET", "/servers", null)
                                .get("servers")
                                .size()
                        == 2;
            });
            assertThat(status(stage, alive)).isEqualTo("running");
            assertThat(status(stage, foreign)).isEqualTo("running");
        }
    }

    private static long server(Stage stage, String name, String installation) {
        var labels = Ownership.labels(installation, "PlainVm", UUID.randomUUID().toString());
        return stage.cloud
                .console()
                .act(
                        "POST",
                        "/servers",
                        "{\"name\":\"%s\",\"server_type\":\"cx23\",\"image\":\"debian-12\",\"location\":\"hel1\",\"labels\":%s}"
                                .formatted(
                                        name,
                                        stage.kubernetes
                                                .getKubernetesSerialization()
                                                .asJson(labels)))
                .at("/server/id")
                .asLong();
    }

    private static String status(Stage stage, long server) {
        return stage.cloud
                .console()
                .act("GET", "/servers/" + server, null)
                .at("/server/status")
                .asText();
    }

    private static void poke(Stage stage) {
        stage.kubernetes
                .resources(ProviderConfig.class)
                .withName(stage.provider)
                .edit(p -> {
                    p.getMetadata().setAnnotations(Map.of("poked", Instant.now().toString()));
                    return p;
                });
    }

    private static Optional<Condition> condition(Stage stage) {
        var provider = stage.kubernetes
                .resources(ProviderConfig.class)
                .withName(stage.provider)
                .get();
        return Optional.ofNullable(provider.getStatus())
                .flatMap(s -> Conditions.find(s.conditions(), Reasons.NO_ORPHANS));
    }

    private static void awaitCondition(Stage stage, Condition.Status status) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> condition(stage).filter(c -> c.status() == status).isPresent());
    }
}
