package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.ProductProcess;
import dev.anchorhold.world.WorldPart.Health;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each thing that operator and companion depend on goes away while objects are being made, and comes back. Nobody lends a hand: no process is
 * restarted, nothing is made twice, and the books have each entry.
 */
@Tag("slow")
class OutageDrillTest {
    /** How much quicker than the real one the cloud is: an hour of its time passes in half a minute. */
    private static final int SPEED = 120;

    private static final Duration OUTAGE = Duration.ofHours(1).dividedBy(SPEED);

    @TempDir
    static Path folder;

    private static Postgres postgres;
    private static JournalTestEnvironment stage;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(ControlPlane.namedByUser().isEmpty(), "the user's own cluster is used, which is not restarted");
        postgres = Postgres.start(folder.resolve("postgres"), Ports.free());
        stage = new JournalTestEnvironment(
                folder,
                CompanionDatabase.in(postgres, "books"),
                TestEnvironment.quick().speed(SPEED));
        stage.operator.awaitReady();
    }

    @AfterAll
    static void close() {
        if (stage != null) {
            stage.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void the_api_server_restarts_and_no_watch_can_go_on_from_where_it_was() {
        Drill drill = new Drill("watched");
        String before = Objects.requireNonNull(drill.agent().getMetadata().getResourceVersion());

        ControlPlane.shared().restartApiServerOnCompactedEtcd();

        // At first it answers 429, "storage is (re)initializing".
        await("a watch that goes on from before to be refused")
                .ignoreExceptions()
                .until(() -> stage.agents
                        .kubernetes
                        .raw("/apis/anchorhold.dev/v1alpha1/agents?watch=true&timeoutSeconds=1&resourceVersion="
                                + before)
                        .contains("\"code\":410"));
        await("lists of PlainVms")
                .ignoreExceptions()
                .until(() -> stage.agents
                                .kubernetes
                                .resources(PlainVm.class)
                                .inAnyNamespace()
                                .list()
                        != null);
        drill.everythingWorks();
    }

    @Test
    void F103_postgres_stops_and_nobody_is_restarted_and_servers_are_made_meanwhile() {
        Drill drill = new Drill("kept");

        postgres.kill9();

        await("the companion to say so").until(() -> !stage.companion.health().healthy());
        assertThat(live(stage.companion).healthy())
                .as("no reason to restart it")
                .isTrue();
        stage.agents.testEnvironment.apply("kept-meanwhile");
        PlainVm meanwhile = stage.agents.testEnvironment.awaitReady("kept-meanwhile");
        assertThat(meanwhile.getStatus().journal())
                .as("what the books are still to get")
                .isNotEmpty();
        pass(OUTAGE);
        assertThat(live(stage.companion).healthy()).as("still none").isTrue();
        postgres.restart();

        await("the companion to be ready by itself")
                .until(() -> stage.companion.health().healthy());
        drill.everythingWorks();
    }

    @Test
    void the_companion_is_away_and_gets_every_entry_when_it_is_back() {
        Drill drill = new Drill("told");

        stage.companion.kill9();
        stage.agents.testEnvironment.apply("told-meanwhile");
        stage.agents.testEnvironment.awaitReady("told-meanwhile");
        stage.agents.patch("told", "{\"operatingMode\": \"Paused\"}");
        stage.agents.awaitReason("told", Reasons.PAUSED);
        assertThat(stage.operator.health().healthy()).as("operator ready").isTrue();
        stage.companion.restart();
        stage.companion.awaitReady();

        stage.agents.patch("told", "{\"operatingMode\": \"Running\"}");
        drill.everythingWorks();
    }

    @Test
    void both_clouds_are_away_for_an_hour_of_theirs_and_the_operator_stays_ready() {
        Drill drill = new Drill("cut");
        List<Faults> clouds = List.of(stage.agents.testEnvironment.cloud.faults(), stage.agents.edge.faults());

        clouds.forEach(it -> it.add("*", "*", Integer.MAX_VALUE, new Faults.Html(503)));
        stage.agents.testEnvironment.apply("cut-meanwhile");
        stage.agents.apply("cut-agent");
        pass(OUTAGE);
        assertThat(stage.operator.health().healthy()).as("operator ready").isTrue();
        assertThat(stage.agents
                        .testEnvironment
                        .vm("cut-meanwhile")
                        .get()
                        .getStatus()
                        .serverId())
                .isNull();
        clouds.forEach(Faults::clear);

        stage.agents.testEnvironment.awaitReady("cut-meanwhile");
        stage.agents.awaitReady("cut-agent");
        drill.everythingWorks();
    }

    /** An Agent and a PlainVm that stand before the outage, and the processes that run. */
    private static final class Drill {
        private final String name;
        private final long operator = stage.operator.pid();
        private final Agent agent;
        private final PlainVm vm;

        Drill(String name) {
            this.name = name;
            stage.agents.apply(name);
            stage.agents.testEnvironment.apply(name + "-vm");
            agent = stage.agents.awaitReady(name);
            vm = stage.agents.testEnvironment.awaitReady(name + "-vm");
        }

        Agent agent() {
            return agent;
        }

        /** What stood stands unchanged, something new can be made, all can be deleted, nothing is left in the cloud, and the books have all of it. */
        void everythingWorks() {
            stage.agents.apply(name + "-after");
            stage.agents.awaitReady(name + "-after");
            assertThat(stage.agents.awaitReady(name).getStatus().serverId())
                    .isEqualTo(agent.getStatus().serverId());
            assertThat(stage.agents
                            .testEnvironment
                            .awaitReady(name + "-vm")
                            .getStatus()
                            .serverId())
                    .isEqualTo(vm.getStatus().serverId());
            assertThat(stage.operator.pid()).as("the operator's process").isEqualTo(operator);
            assertThat(stage.operator.isAlive()).isTrue();
            stage.agents
                    .kubernetes
                    .resources(Agent.class)
                    .inNamespace(stage.agents.testEnvironment.namespace)
                    .delete();
            stage.agents
                    .kubernetes
                    .resources(PlainVm.class)
                    .inNamespace(stage.agents.testEnvironment.namespace)
                    .delete();
            stage.agents.awaitGone(name);
            stage.agents.awaitGone(name + "-after");
            stage.agents.testEnvironment.awaitGone(name + "-vm");
            stage.awaitLedger();
        }
    }

    private static Health live(ProductProcess process) {
        URI probe = process.managementUri().resolve("/q/health/live");
        return Health.of(probe, 200, probe.toString());
    }

    private static void pass(Duration time) {
        Instant end = Instant.now().plus(time);
        await("the outage to last").until(() -> Instant.now().isAfter(end));
    }
}
