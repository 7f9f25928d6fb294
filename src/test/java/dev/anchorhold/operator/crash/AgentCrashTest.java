package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.world.OperatorProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the packaged operator at every write for an Agent, in either cloud, as {@link PlainVmCrashTest} does it for PlainVms:
 * three Agents send the same request, and the clouds let it come out differently. The next process must bring all to the same end,
 * each behind a door that works.
 */
class AgentCrashTest {
    private static final String TUNNELS = "/accounts/{account_id}/cfd_tunnel";
    private static final String TUNNEL = TUNNELS + "/{tunnel_id}";
    private static final String RECORDS = "/zones/{zone_id}/dns_records";
    private static final List<String> AGENTS = List.of("a-0", "a-1", "a-2");

    @TempDir
    static Path folder;

    private static AgentTestEnvironment stage;
    private static OperatorProcess operator;

    @RegisterExtension
    static final AfterTestExecutionCallback LOG = test -> CrashPoint.tell(test, operator);

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
        operator = OperatorProcess.start(settings(folder, stage));
    }

    /** An operator for the stage, and for the companion that all stages share. */
    static OperatorProcess.Settings settings(Path folder, AgentTestEnvironment stage) {
        return new OperatorProcess.Settings(
                folder,
                TestEnvironment.chart().operatorKubeconfig(),
                Map.of(
                        "ANCHORHOLD_INSTALLATION",
                        stage.testEnvironment.id,
                        "ANCHORHOLD_COMPANION_URL",
                        AgentTestEnvironment.companion().internalUri().toString(),
                        "ANCHORHOLD_COMPANION_TOKEN_FILE",
                        TestEnvironment.chart().operatorTokenForCompanion().toString(),
                        "ANCHORHOLD_DOOR_URL",
                        AgentTestEnvironment.companion().uri().toString()));
    }

    @AfterAll
    static void close() {
        operator.close();
        stage.close();
    }

    @AfterEach
    void clear() {
        stage.testEnvironment.cloud.faults().clear();
        stage.edge.faults().clear();
        stage.testEnvironment.abandonAll();
        new AgentCloudContents(stage).clear();
    }

    @Test
    void F01_F09_making_a_server_and_deleting_a_tunnel() {
        killedAt(hetzner(), "POST", "/servers", this::applyAll);
        awaitReady();
        killedAt(cloudflare(), "DELETE", TUNNEL, this::deleteAll);
        awaitGone();
    }

    @Test
    @Tag("slow")
    void F01_F09_every_write_of_a_life() {
        for (Request it : List.of(
                new Request(hetzner(), "POST", "/volumes"),
                new Request(cloudflare(), "POST", TUNNELS),
                new Request(cloudflare(), "PUT", TUNNEL + "/configurations"),
                new Request(cloudflare(), "POST", RECORDS))) {
            killedAt(it.cloud, it.method, it.path, this::applyAll);
            awaitReady();
            deleteAll();
            awaitGone();
        }
        applyAll();
        awaitReady();
        killedAt(hetzner(), "POST", "/volumes/{id}/actions/resize", () -> each("{\"dataVolume\": {\"sizeGiB\": 20}}"));
        for (Agent agent : awaitReady()) {
            assertThat(agent.getStatus().volumeGiB()).isEqualTo(20);
        }
        killedAt(
                hetzner(),
                "DELETE",
                "/servers/{id}",
                () -> each("{\"operatingMode\": \"Paused\", \"pausePolicy\": \"ReleaseServer\"}"));
        AGENTS.forEach(it -> stage.awaitReason(it, Reasons.PAUSED));
        AGENTS.forEach(stage::awaitReady);
        killedAt(hetzner(), "POST", "/servers", () -> each("{\"operatingMode\": \"Running\"}"));
        awaitReady();
        for (String path : List.of(TUNNEL, TUNNEL + "/connections")) {
            String other = path.length() + "-" + stage.testEnvironment.id;
            stage.kubernetes
                    .resource(stage.testEnvironment.account(other, null, null))
                    .create();
            String method = path.equals(TUNNEL) ? "PATCH" : "DELETE";
            killedAt(cloudflare(), method, path, () -> each("{\"account\": \"%s\"}".formatted(other)));
            for (Agent agent : awaitReady()) {
                assertThat(agent.getStatus().account()).isEqualTo(other);
            }
        }
        killedAt(cloudflare(), "DELETE", RECORDS + "/{record_id}", this::deleteAll);
        awaitGone();
        applyAll();
        awaitReady();
        killedAt(hetzner(), "DELETE", "/volumes/{id}", this::deleteAll);
        awaitGone();
    }

    private record Request(Faults cloud, String method, String path) {}

    private static Faults hetzner() {
        return stage.testEnvironment.cloud.faults();
    }

    private static Faults cloudflare() {
        return stage.edge.faults();
    }

    private void killedAt(Faults cloud, String method, String path, Runnable wish) {
        var holds = CrashPoint.hold(cloud, method, path);
        wish.run();
        CrashPoint.kill(operator, method + " " + path, holds);
    }

    private void applyAll() {
        AGENTS.forEach(stage::apply);
    }

    private void deleteAll() {
        AGENTS.forEach(it -> stage.agent(it).delete());
    }

    private static void each(String change) {
        AGENTS.forEach(it -> stage.patch(it, change));
    }

    private static List<Agent> awaitReady() {
        var agents = AGENTS.stream().map(stage::awaitReady).toList();
        agents.forEach(new AgentCloudContents(stage)::assertExactlyOneOfEach);
        return agents;
    }

    private static void awaitGone() {
        AGENTS.forEach(stage::awaitGone);
        new AgentCloudContents(stage).assertNothingIsLeft();
    }
}
