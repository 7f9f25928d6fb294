package dev.anchorhold.bench;

import dev.anchorhold.operator.AgentStage;
import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.hetzner.Options;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * What is measured: objects of a kind, on a stage that has what they need.
 *
 * @param clouds the logs of the clouds that are asked for them
 * @param environment what the operator is told beside the stage's own
 * @param close ends the stage
 */
record Subject<T extends HasMetadata>(
        Class<T> kind,
        Stage stage,
        Consumer<String> apply,
        Predicate<T> ready,
        ToLongFunction<T> server,
        List<RequestLog> clouds,
        Map<String, String> environment,
        Runnable close) {

    static Subject<PlainVm> plainVms(Options options, Firewalls firewalls) {
        var stage = new Stage(options, firewalls);
        return new Subject<>(
                PlainVm.class,
                stage,
                name -> stage.apply(name),
                vm -> Stage.ready(vm) != null && Stage.ready(vm).holds(),
                vm -> vm.getStatus().serverId(),
                List.of(stage.cloud.requests()),
                Map.of(),
                stage.cloud::close);
    }

    /** Their guests are played, and come in as soon as their server runs; the companion is the real one. */
    static Subject<Agent> agents(Options options) {
        var stage = new AgentStage(options, Duration.ofSeconds(60));
        String companion = AgentStage.companion().uri().toString();
        return new Subject<>(
                Agent.class,
                stage.stage,
                name -> stage.apply(name),
                agent -> AgentStage.condition(agent, Reasons.READY)
                        .filter(Condition::holds)
                        .isPresent(),
                agent -> agent.getStatus().serverId(),
                List.of(stage.stage.cloud.requests(), stage.edge.requests()),
                Map.of(
                        "ANCHORHOLD_COMPANION_URL",
                        companion,
                        "ANCHORHOLD_COMPANION_TOKEN_FILE",
                        Stage.chart().operatorTokenForCompanion().toString(),
                        "ANCHORHOLD_DOOR_URL",
                        companion),
                () -> {
                    stage.stage.cloud.close();
                    stage.edge.close();
                });
    }
}
