package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.world.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the packaged operator at random instants, and now and then of the companion too, while Agents are made, paused in
 * both ways, resumed and deleted without a pause. {@code -Dcrash.runs=200 -Dcrash.seed=7} as for {@link PlainVmCrashRunsTest}.
 */
@Tag("slow")
class AgentCrashRunsTest {
    private static final int RUNS = Integer.getInteger("crash.runs", 20);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final int AGENTS = 6;
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(6);
    private static final Duration TO_CONVERGE = Duration.ofMinutes(4);

    @TempDir
    Path folder;

    private final AgentTestEnvironment stage =
            new AgentTestEnvironment(TestEnvironment.quick().rateLimit(100_000, 100));
    private final Random random = new Random(SEED);
    private OperatorProcess operator;

    @AfterEach
    void close() {
        operator.close();
        stage.close();
    }

    @Test
    void F01_after_many_kills_every_agent_has_one_of_each_and_a_door_that_works_and_nothing_is_left() {
        Instant began = Instant.now();
        System.out.printf("Agents' crash runs: %d, seed %d%n", RUNS, SEED);
        operator = OperatorProcess.start(AgentCrashTest.settings(folder, stage));
        for (int run = 0; run < RUNS; run++) {
            long life = random.nextLong(LONGEST_LIFE.toMillis());
            for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life); System.nanoTime() < end; ) {
                somebodyWantsSomething();
            }
            operator.kill9();
            if (random.nextInt(4) == 0) {
                AgentTestEnvironment.companion().kill9();
                AgentTestEnvironment.companion().restart();
            }
            operator.restart();
        }
        operator.awaitReady();
        await("all Agents to be as wanted, seed " + SEED)
                .atMost(TO_CONVERGE)
                .untilAsserted(() -> assertThat(agents())
                        .filteredOn(it -> !converged(it))
                        .extracting(it ->
                                it.getMetadata().getName() + " " + AgentTestEnvironment.condition(it, Reasons.READY))
                        .isEmpty());
        var holdings = new AgentCloudContents(stage);
        agents().stream()
                .filter(it -> it.getSpec().operatingMode() == OperatingMode.Running)
                .forEach(holdings::assertExactlyOneOfEach);
        assertThat(holdings.tunnels()).hasSize(agents().size());
        assertThat(holdings.records()).hasSize(agents().size());

        agents().forEach(it -> stage.agent(it.getMetadata().getName()).delete());
        await("all Agents to be gone, seed " + SEED).atMost(TO_CONVERGE).until(() -> agents().isEmpty());
        holdings.assertNothingIsLeft();
        System.out.printf(
                "Agents' crash runs: %d kills, 0 orphans, 0 doubles, 0 not converged; seed %d, %d s%n",
                RUNS, SEED, Duration.between(began, Instant.now()).toSeconds());
    }

    /** One wish of one person. */
    private void somebodyWantsSomething() {
        String name = "agent-" + random.nextInt(AGENTS);
        Agent agent = stage.agent(name).get();
        if (agent != null && agent.getMetadata().getDeletionTimestamp() != null) {
            pause();
            return;
        }
        if (agent != null && random.nextInt(5) == 0) {
            stage.agent(name).delete();
            return;
        }
        stage.apply(
                name,
                "operatingMode: " + (random.nextInt(3) == 0 ? "Paused" : "Running"),
                "pausePolicy: " + (random.nextBoolean() ? "PowerOff" : "ReleaseServer"));
        pause();
    }

    /** People do not type faster. */
    private void pause() {
        try {
            Thread.sleep(random.nextInt(400));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Agent> agents() {
        return stage.kubernetes
                .resources(Agent.class)
                .inNamespace(stage.testEnvironment.namespace)
                .list()
                .getItems();
    }

    private static boolean converged(Agent agent) {
        String wanted = agent.getSpec().operatingMode() == OperatingMode.Running ? Reasons.RUNNING : Reasons.PAUSED;
        return agent.getMetadata().getDeletionTimestamp() == null
                && AgentTestEnvironment.condition(agent, Reasons.READY)
                        .filter(Condition::holds)
                        .filter(it -> it.reason().equals(wanted))
                        .filter(it -> it.observedGeneration()
                                .equals(agent.getMetadata().getGeneration()))
                        .isPresent();
    }
}
