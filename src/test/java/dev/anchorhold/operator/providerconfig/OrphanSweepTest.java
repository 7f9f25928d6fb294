package dev.anchorhold.operator.providerconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
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
        try (var testEnvironment = new TestEnvironment(TestEnvironment.quick());
                var _ = new InProcessOperator(
                        TestEnvironment.chart().operatorKubeconfig(),
                        testEnvironment.id,
                        InProcessOperator.QUICK,
                        () -> Instant.now().plus(ahead.get()),
                        Optional.empty())) {
            testEnvironment.apply("alive");
            long alive = testEnvironment.awaitReady("alive").getStatus().serverId();
            long orphan = server(testEnvironment, "orphan", testEnvironment.id);
            long foreign = server(testEnvironment, "foreign", "another-installation");

            poke(testEnvironment);
            awaitCondition(testEnvironment, Condition.Status.True);
            var found = await().atMost(Duration.ofSeconds(40))
                    .until(
                            () -> {
                                ahead.updateAndGet(d -> d.plusMinutes(2));
                                poke(testEnvironment);
                                return condition(testEnvironment);
                            },
                            c -> c.filter(it -> it.reason().equals(Reasons.ORPHANS_FOUND))
                                    .isPresent())
                    .orElseThrow();
            assertThat(found.message())
                    .contains("server " + orphan)
                    .doesNotContain("" + alive, "" + foreign)
                    .contains("spec.orphans: Delete");
            assertThat(status(testEnvironment, orphan))
                    .as("reported, not touched")
                    .isEqualTo("running");

            testEnvironment
                    .kubernetes
                    .resource(testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Delete))
                    .forceConflicts()
                    .serverSideApply();
            await().atMost(Duration.ofSeconds(40)).until(() -> {
                poke(testEnvironment);
                return testEnvironment
                                .cloud
                                .console()
                                .act("GET", "/servers", null)
                                .get("servers")
                                .size()
                        == 2;
            });
            assertThat(status(testEnvironment, alive)).isEqualTo("running");
            assertThat(status(testEnvironment, foreign)).isEqualTo("running");
        }
    }

    @Test
    void F22_F23_volumes_tunnels_and_records_of_agents_that_are_no_more_go_too_and_nobody_elses() {
        var ahead = new AtomicReference<>(Duration.ZERO);
        try (var edge = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
                var testEnvironment = new TestEnvironment(TestEnvironment.quick(), Firewalls.PerVm, edge, null);
                var _ = new InProcessOperator(
                        TestEnvironment.chart().operatorKubeconfig(),
                        testEnvironment.id,
                        InProcessOperator.QUICK,
                        () -> Instant.now().plus(ahead.get()),
                        Optional.empty())) {
            String gone = UUID.randomUUID().toString();
            volume(testEnvironment, "orphan", testEnvironment.id, gone);
            volume(testEnvironment, "foreign", "another-installation", gone);
            String orphan = tunnel(edge, CloudflareOwnership.tunnelName(testEnvironment.id, gone));
            String foreign = tunnel(edge, CloudflareOwnership.tunnelName("another-installation", gone));
            record(edge, "orphan", CloudflareOwnership.comment(testEnvironment.id, gone));
            record(edge, "foreign", CloudflareOwnership.comment("another-installation", gone));
            edge.console().connect(edge.console().tunnelToken(orphan));

            testEnvironment
                    .kubernetes
                    .resource(testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Delete))
                    .forceConflicts()
                    .serverSideApply();
            await().until(() -> {
                ahead.updateAndGet(d -> d.plusMinutes(2));
                poke(testEnvironment);
                return names(testEnvironment
                                        .cloud
                                        .console()
                                        .act("GET", "/volumes", null)
                                        .get("volumes"))
                                .equals(Set.of("foreign"))
                        && names(edge.console().act("GET", "/accounts/{account}/cfd_tunnel", null))
                                .equals(Set.of(CloudflareOwnership.tunnelName("another-installation", gone)))
                        && names(edge.console().act("GET", records(edge), null))
                                .equals(Set.of("foreign.anchorhold.localhost"));
            });
            assertThat(edge.console().tunnelStatus(foreign)).isEqualTo("inactive");
        }
    }

    private static void volume(TestEnvironment testEnvironment, String name, String installation, String uid) {
        testEnvironment
                .cloud
                .console()
                .act(
                        "POST",
                        "/volumes",
                        "{\"name\":\"%s\",\"size\":10,\"location\":\"hel1\",\"labels\":%s}"
                                .formatted(
                                        name,
                                        testEnvironment
                                                .kubernetes
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

    private static long server(TestEnvironment testEnvironment, String name, String installation) {
        var labels = Ownership.labels(installation, "PlainVm", UUID.randomUUID().toString());
        return testEnvironment
                .cloud
                .console()
                .act(
                        "POST",
                        "/servers",
                        "{\"name\":\"%s\",\"server_type\":\"cx23\",\"image\":\"debian-12\",\"location\":\"hel1\",\"labels\":%s}"
                                .formatted(
                                        name,
                                        testEnvironment
                                                .kubernetes
                                                .getKubernetesSerialization()
                                                .asJson(labels)))
                .at("/server/id")
                .asLong();
    }

    private static String status(TestEnvironment testEnvironment, long server) {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + server, null)
                .at("/server/status")
                .asText();
    }

    private static void poke(TestEnvironment testEnvironment) {
        testEnvironment
                .kubernetes
                .resources(ProviderConfig.class)
                .withName(testEnvironment.provider)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"poked\":\"%s\"}}}".formatted(Instant.now()));
    }

    private static Optional<Condition> condition(TestEnvironment testEnvironment) {
        var provider = testEnvironment
                .kubernetes
                .resources(ProviderConfig.class)
                .withName(testEnvironment.provider)
                .get();
        return Optional.ofNullable(provider.getStatus())
                .flatMap(s -> Condition.find(s.conditions(), Reasons.NO_ORPHANS));
    }

    private static void awaitCondition(TestEnvironment testEnvironment, Condition.Status status) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> condition(testEnvironment)
                        .filter(c -> c.status() == status)
                        .isPresent());
    }
}
