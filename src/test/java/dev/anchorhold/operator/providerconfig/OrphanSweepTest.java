package dev.anchorhold.operator.providerconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.operator.fleet.RestoreWindow;
import dev.anchorhold.operator.providerconfig.OwnedResources.OrphanCandidate;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrphanSweepTest {
    /** While two minutes pass for the operator, its inventories must have the time to be read again. */
    private static final Duration ROUND = Duration.ofMillis(500);

    @Test
    void F22_F23_orphans_are_reported_after_a_wait_and_deleted_only_on_request_and_never_another_installations() {
        var ahead = new AtomicReference<>(Duration.ZERO);
        try (var testEnvironment = new TestEnvironment(TestEnvironment.quick());
                var operator = new InProcessOperator(
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
            var found = await().until(
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
            await().until(() -> {
                poke(testEnvironment);
                return orphans(operator).equals(OptionalDouble.of(1));
            });

            testEnvironment.token(testEnvironment.cloud.revokedToken("default"));
            await("what nobody can count is no number").until(() -> {
                poke(testEnvironment);
                return orphans(operator).isEmpty();
            });
            testEnvironment.token(testEnvironment.cloud.token());
            await().until(() -> {
                poke(testEnvironment);
                return orphans(operator).equals(OptionalDouble.of(1));
            });

            want(testEnvironment, "{\"orphans\":\"Delete\"}");
            await().until(() -> {
                poke(testEnvironment);
                return condition(testEnvironment)
                        .filter(c -> c.message().contains("Nothing is deleted before"))
                        .isPresent();
            });
            assertThat(status(testEnvironment, orphan))
                    .as("H09: a cluster as young as this may be one that is being restored")
                    .isEqualTo("running");
            ahead.updateAndGet(d -> d.plus(RestoreWindow.LENGTH));
            await().until(() -> {
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

            want(testEnvironment, "{\"orphans\":\"Delete\"}");
            ahead.updateAndGet(d -> d.plus(RestoreWindow.LENGTH));
            await().pollInterval(ROUND).until(() -> {
                ahead.updateAndGet(d -> d.plusMinutes(2));
                poke(testEnvironment);
                return names(edge.console().act("GET", "/accounts/{account}/cfd_tunnel", null))
                                .equals(Set.of(CloudflareOwnership.tunnelName("another-installation", gone)))
                        && names(edge.console().act("GET", records(edge), null))
                                .equals(Set.of("foreign.anchorhold.localhost"));
            });
            assertThat(edge.console().tunnelStatus(foreign)).isEqualTo("inactive");
            assertThat(volumes(testEnvironment))
                    .as("H09: data needs a switch of its own")
                    .hasSize(2)
                    .allSatisfy(v -> assertThat(v.get("labels").has(Ownership.ORPHANED_SINCE))
                            .isFalse());

            want(testEnvironment, "{\"orphanVolumesAfterDays\":3}");
            await().until(() -> {
                poke(testEnvironment);
                return volumes(testEnvironment).stream()
                        .anyMatch(v -> v.get("labels").has(Ownership.ORPHANED_SINCE));
            });
        }
    }

    @Test
    void
            H09_a_data_volume_goes_days_after_it_was_marked_whatever_restarts_in_between_and_is_kept_when_its_owner_is_back() {
        var ahead = new AtomicReference<>(RestoreWindow.LENGTH.plusDays(1));
        try (var edge = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
                var testEnvironment = new TestEnvironment(TestEnvironment.quick(), Firewalls.PerVm, edge, null)) {
            String gone = UUID.randomUUID().toString();
            volume(testEnvironment, "orphan", testEnvironment.id, gone);
            volume(testEnvironment, "alive", testEnvironment.id, someAgent(testEnvironment));
            long marked = Instant.now().plus(ahead.get()).getEpochSecond();
            label(testEnvironment, "orphan", marked);
            label(testEnvironment, "alive", marked);
            want(testEnvironment, "{\"orphans\":\"Delete\",\"orphanVolumesAfterDays\":3}");
            try (var _ = operator(testEnvironment, ahead)) {
                await().until(() -> {
                    poke(testEnvironment);
                    return volumes(testEnvironment).stream()
                            .noneMatch(v -> v.get("name").asText().equals("alive")
                                    && v.get("labels").has(Ownership.ORPHANED_SINCE));
                });
                ahead.updateAndGet(d -> d.plusDays(2));
                record(edge, "proof", CloudflareOwnership.comment(testEnvironment.id, gone));
                await().until(
                                () -> { // a record goes after ten minutes: the sweep has looked, and left the volume
                                    ahead.updateAndGet(d -> d.plusMinutes(2));
                                    poke(testEnvironment);
                                    return names(edge.console().act("GET", records(edge), null))
                                            .isEmpty();
                                });
                assertThat(volumes(testEnvironment)).hasSize(2);
            }
            ahead.updateAndGet(d -> d.plusDays(1));
            try (var _ = operator(testEnvironment, ahead)) {
                await().pollInterval(ROUND).until(() -> {
                    ahead.updateAndGet(d -> d.plusMinutes(2));
                    poke(testEnvironment);
                    return volumes(testEnvironment).size() == 1;
                });
                assertThat(volumes(testEnvironment).getFirst().get("name").asText())
                        .isEqualTo("alive");
            }
        }
    }

    @Test
    void H09_what_bears_the_name_of_an_object_that_is_new_in_this_cluster_is_left_alone() {
        var web = new PlainVm();
        web.setMetadata(new ObjectMetaBuilder()
                .withName("web")
                .withCreationTimestamp("2026-11-24T12:00:00Z")
                .build());
        Instant soon = Instant.parse("2026-11-25T12:00:00Z");
        Instant later = Instant.parse("2026-11-29T12:00:00Z");
        assertThat(restored(web, soon, named("server", "web-0123456789ab", "gone")))
                .containsExactly("gone");
        assertThat(restored(web, later, named("server", "web-0123456789ab", "gone")))
                .isEmpty();
        assertThat(restored(
                        web,
                        soon,
                        named("server", "web-2-0123456789ab", "another"),
                        named("server", "db-0123456789ab", "third"),
                        named("tunnel", "web", "fourth")))
                .isEmpty();
    }

    @Test
    void H09_the_tunnel_and_the_record_of_a_volume_that_bears_a_new_objects_name_are_left_alone_with_it() {
        String gone = UUID.randomUUID().toString();
        var coder = new Agent();
        coder.setMetadata(new ObjectMetaBuilder()
                .withName("coder")
                .withCreationTimestamp("2026-11-24T12:00:00Z")
                .build());
        var tunnel = named("tunnel", CloudflareOwnership.tunnelName("installation", gone), gone);
        var record = named("record", "coder-1a2b3c4d.example.org", gone);
        var volume = named("volume", "coder-0123456789ab", gone);
        assertThat(restored(coder, Instant.parse("2026-11-25T12:00:00Z"), tunnel, record, volume))
                .as("what is of these UIDs is kept, whatever its name")
                .containsExactly(gone);
    }

    private static OrphanCandidate named(String what, String name, String uid) {
        return new OrphanCandidate(what, "1", name, uid);
    }

    private static Set<String> restored(HasMetadata object, Instant now, OrphanCandidate... orphans) {
        return OrphanSweep.uidsOfRestored(List.of(orphans), Stream.of(object), now);
    }

    @Test
    void H09_the_condition_names_the_first_orphans_of_a_lost_cluster_and_counts_them_all() {
        var orphans = IntStream.rangeClosed(1, 13_000)
                .mapToObj(i -> new OrphanCandidate(
                                "server", "" + i, "coder-0123456789ab", "0d9b3c1e-6e7a-4b0e-9a57-0123456789ab")
                        .toString())
                .toList();
        assertThat(new OrphanSweep.Found(orphans, Optional.empty()).summary())
                .startsWith("13000 (server 1 ")
                .contains("server 20 ")
                .doesNotContain("server 21 ")
                .endsWith(", …)")
                .hasSizeLessThan(3_000);
        assertThat(new OrphanSweep.Found(orphans.subList(0, 1), Optional.empty()).summary())
                .isEqualTo("1 (%s)".formatted(orphans.getFirst()));
    }

    @Test
    void H03_books_that_do_not_answer_are_asked_once_a_sweep_and_all_ends_are_told_when_they_do(@TempDir Path folder)
            throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "token");
        try (var books = new StubbedEndings();
                var testEnvironment = new TestEnvironment(TestEnvironment.quick())) {
            var servers = Stream.of("a", "b", "c", "d")
                    .map(it -> server(testEnvironment, it, testEnvironment.id))
                    .toList();
            try (var _ = new InProcessOperator(
                    TestEnvironment.chart().operatorKubeconfig(),
                    testEnvironment.id,
                    InProcessOperator.QUICK,
                    InstantSource.system(),
                    Optional.of(new InProcessOperator.Companion(books.uri(), token)))) {
                await().until(() -> condition(testEnvironment).isPresent()); // swept, and so noted
                servers.forEach(testEnvironment.cloud.console()::deleteServer);
                await().until(() -> {
                    poke(testEnvironment);
                    var asked = List.copyOf(books.asked);
                    return asked.size() >= 3
                            && Set.copyOf(asked.subList(asked.size() - 3, asked.size()))
                                            .size()
                                    == 1;
                });

                books.answer = 204;
                await().until(() -> {
                    poke(testEnvironment);
                    return books.told.size() == 4;
                });
            }
        }
    }

    /** A companion of which only the books' endpoint for ends answers, if at all. */
    private static final class StubbedEndings implements AutoCloseable {
        private static final Pattern UID = Pattern.compile("\"uid\":\"([^\"]+)\"");
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final Set<String> told = ConcurrentHashMap.newKeySet();
        private final HttpServer http;
        private volatile int answer = 503;

        private StubbedEndings() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.createContext("/", call -> {
                int status = 503;
                if (call.getRequestURI().getPath().equals("/internal/v1/endings")) {
                    var uid = UID.matcher(new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                    assertThat(uid.find()).isTrue();
                    status = answer;
                    asked.add(uid.group(1));
                    if (status == 204) {
                        told.add(uid.group(1));
                    }
                }
                call.sendResponseHeaders(status, -1);
                call.close();
            });
            http.start();
        }

        private URI uri() {
            return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }

    private static InProcessOperator operator(TestEnvironment testEnvironment, AtomicReference<Duration> ahead) {
        return new InProcessOperator(
                TestEnvironment.chart().operatorKubeconfig(),
                testEnvironment.id,
                InProcessOperator.QUICK,
                () -> Instant.now().plus(ahead.get()),
                Optional.empty());
    }

    /** One that nobody can build: there is no door. */
    private static String someAgent(TestEnvironment testEnvironment) {
        return testEnvironment
                .kubernetes
                .load(new ByteArrayInputStream("""
                    apiVersion: anchorhold.dev/v1alpha1
                    kind: Agent
                    metadata: {name: alive, namespace: %s}
                    spec: {account: %s, size: small, image: none}
                    """.formatted(testEnvironment.namespace, testEnvironment.account)
                        .getBytes(StandardCharsets.UTF_8)))
                .create()
                .getFirst()
                .getMetadata()
                .getUid();
    }

    private static List<JsonNode> volumes(TestEnvironment testEnvironment) {
        return StreamSupport.stream(
                        testEnvironment
                                .cloud
                                .console()
                                .act("GET", "/volumes", null)
                                .get("volumes")
                                .spliterator(),
                        false)
                .toList();
    }

    private static void label(TestEnvironment testEnvironment, String name, long since) {
        var volume = volumes(testEnvironment).stream()
                .filter(v -> v.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow();
        ((ObjectNode) volume.get("labels")).put(Ownership.ORPHANED_SINCE, "" + since);
        testEnvironment
                .cloud
                .console()
                .act("PUT", "/volumes/" + volume.get("id"), "{\"labels\":%s}".formatted(volume.get("labels")));
    }

    private static void want(TestEnvironment testEnvironment, String spec) {
        testEnvironment
                .kubernetes
                .resources(ProviderConfig.class)
                .withName(testEnvironment.provider)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":%s}".formatted(spec));
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

    private static OptionalDouble orphans(InProcessOperator operator) {
        var gauge = operator.metrics.find("anchorhold.orphans").gauge();
        return gauge == null ? OptionalDouble.empty() : OptionalDouble.of(gauge.value());
    }

    private static void awaitCondition(TestEnvironment testEnvironment, Condition.Status status) {
        await().until(() ->
                condition(testEnvironment).filter(c -> c.status() == status).isPresent());
    }
}
