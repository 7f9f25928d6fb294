package dev.anchorhold.bench;

import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.world.CompanionProcess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * The objects of a kind that a bench applies, with the test environment that has what they need.
 *
 * @param clouds the request logs of the clouds that are called for them
 * @param environment variables of the operator beside the test environment's own
 * @param close ends the test environment
 */
record Workload<T extends HasMetadata>(
        Class<T> kind,
        TestEnvironment testEnvironment,
        Consumer<String> apply,
        Predicate<T> ready,
        ToLongFunction<T> server,
        List<RequestLog> clouds,
        Map<String, String> environment,
        Runnable close) {

    static Workload<PlainVm> plainVms(HetznerOptions options, Firewalls firewalls) {
        var testEnvironment = new TestEnvironment(options, firewalls);
        return new Workload<>(
                PlainVm.class,
                testEnvironment,
                name -> testEnvironment.apply(name),
                vm -> TestEnvironment.ready(vm) != null
                        && TestEnvironment.ready(vm).holds(),
                vm -> vm.getStatus().serverId(),
                List.of(testEnvironment.cloud.requests()),
                Map.of(),
                testEnvironment.cloud::close);
    }

    /** Their guests are played, and come in as soon as their server runs; the companion is the real one. */
    static Workload<Agent> agents(HetznerOptions options) {
        var agentEnvironment = new AgentTestEnvironment(options, Duration.ofSeconds(60));
        CompanionProcess companion = AgentTestEnvironment.companion();
        return new Workload<>(
                Agent.class,
                agentEnvironment.testEnvironment,
                name -> agentEnvironment.apply(name),
                agent -> AgentTestEnvironment.condition(agent, Reasons.READY)
                        .filter(Condition::holds)
                        .isPresent(),
                agent -> agent.getStatus().serverId(),
                List.of(agentEnvironment.testEnvironment.cloud.requests(), agentEnvironment.edge.requests()),
                Map.of(
                        "ANCHORHOLD_COMPANION_URL",
                        companion.internalUri().toString(),
                        "ANCHORHOLD_COMPANION_TOKEN_FILE",
                        TestEnvironment.chart().operatorTokenForCompanion().toString(),
                        "ANCHORHOLD_DOOR_URL",
                        companion.uri().toString()),
                () -> {
                    agentEnvironment.testEnvironment.cloud.close();
                    agentEnvironment.edge.close();
                });
    }
}
