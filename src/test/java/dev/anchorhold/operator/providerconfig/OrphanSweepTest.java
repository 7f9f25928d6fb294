package dev.anchorhold.operator.providerconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.cloudflare.Marks;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
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
            var found = await().until(
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
            await().until(() -> {
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

    @Test
    void F22_F23_volumes_tunnels_and_records_of_agents_that_are_no_more_go_too_and_nobody_elses() {
        var ahead = new AtomicReference<>(Duration.ZERO);
        try (var edge = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
                var stage = new Stage(Stage.quick(), Firewalls.PerVm, edge, null);
                var _ = new InProcessOperator(
                        Stage.chart().operatorKubeconfig(),
                        stage.id,
                        InProcessOperator.QUICK,
                        () -> Instant.now().plus(ahead.get()),
                        Optional.empty())) {
            String gone = UUID.randomUUID().toString();
            volume(stage, "orphan", stage.id, gone);
            volume(stage, "foreign", "another-installation", gone);
            String orphan = tunnel(edge, Marks.tunnelName(stage.id, gone));
            String foreign = tunnel(edge, Marks.tunnelName("another-installation", gone));
            record(edge, "orphan", Marks.comment(stage.id, gone));
            record(edge, "foreign", Marks.comment("another-installation", gone));
            edge.console().connect(edge.console().tunnelToken(orphan));

            stage.kubernetes
                    .resource(stage.providerConfig(Firewalls.PerVm, Orphans.Delete))
                    .forceConflicts()
                    .serverSideApply();
            await().until(() -> {
                ahead.updateAndGet(d -> d.plusMinutes(2));
                poke(stage);
                return names(stage.cloud.console().act("GET", "/volumes", null).get("volumes"))
                                .equals(Set.of("foreign"))
                        && names(edge.console().act("GET", "/accounts/{account}/cfd_tunnel", null))
                                .equals(Set.of(Marks.tunnelName("another-installation", gone)))
                        && names(edge.console().act("GET", records(edge), null))
                                .equals(Set.of("foreign.anchorhold.localhost"));
            });
            assertThat(edge.console().tunnelStatus(foreign)).isEqualTo("inactive");
        }
    }

    private static void volume(Stage stage, String name, String installation, String uid) {
        stage.cloud
                .console()
                .act(
                        "POST",
                        "/volumes",
                        "{\"name\":\"%s\",\"size\":10,\"location\":\"hel1\",\"labels\":%s}"
                                .formatted(
                                        name,
                                        stage.kubernetes
                                                .getKubernetesSerialization()
                                                .asJson(Ownership.labels(installation, "Agent", uid))));
    }

    private static String tunnel(CloudflareSimulator edge, String name) {
        return edge.console()
                .act("POST", "/accounts/{account}/cfd_tunnel", "{\"name\":\"%s\"}".formatted(name))
                .get("id")
                .asText();
    }

    private static void record(CloudflareSimulator edge, String name, String comment) {
        edge.console()
                .createRecord(
                        "anchorhold.localhost",
                        "{\"type\":\"A\",\"name\":\"%s.anchorhold.localhost\",\"content\":\"192.0.2.1\",\"comment\":\"%s\"}"
                                .formatted(name, comment));
    }

    private static String records(CloudflareSimulator edge) {
        return "/zones/%s/dns_records".formatted(edge.zoneId("anchorhold.localhost"));
    }

    private static Set<String> names(JsonNode things) {
        return StreamSupport.stream(things.spliterator(), false)
                .map(it -> it.get("name").asText())
                .collect(Collectors.toSet());
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
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"poked\":\"%s\"}}}".formatted(Instant.now()));
    }

    private static Optional<Condition> condition(Stage stage) {
        var provider = stage.kubernetes
                .resources(ProviderConfig.class)
                .withName(stage.provider)
                .get();
        return Optional.ofNullable(provider.getStatus())
                .flatMap(s -> Condition.find(s.conditions(), Reasons.NO_ORPHANS));
    }

    private static void awaitCondition(Stage stage, Condition.Status status) {
        await().until(() -> condition(stage).filter(c -> c.status() == status).isPresent());
    }
}
