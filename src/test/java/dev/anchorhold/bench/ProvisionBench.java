package dev.anchorhold.bench;

import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures how long many objects of a kind take from apply to all Ready, beside the simulators' own floor. PlainVms with a
 * firewall each and with shared ones; Agents in both clouds, with the companion.
 */
@Command(name = "provision", mixinStandardHelpOptions = true)
final class ProvisionBench implements Callable<Integer> {
    @Option(
            names = {"--count", "--vms"},
            defaultValue = "100",
            description = "how many at once (default 100)")
    private int count;

    @Option(names = "--kind", defaultValue = "plainvm", description = "agent or plainvm (default plainvm)")
    private String kind;

    @Option(
            names = "--speed",
            defaultValue = "1",
            description = "of the cloud's own actions (default 1: as in the real one)")
    private double speed;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ProvisionBench()).execute(arguments));
    }

    @Override
    public Integer call() {
        if (kind.equals("agent")) {
            var resultTable = new ResultTable("provision-agent");
            try (var floor = ProvisioningFloor.ofAgents(options())) {
                resultTable.column("floor", floor.measure(count));
            }
            resultTable.column("Agents", provision(Workload.agents(options())));
            resultTable.publish();
            return 0;
        }
        var resultTable = new ResultTable("provision");
        try (var floor = ProvisioningFloor.ofPlainVms(options())) {
            resultTable.column("floor", floor.measure(count));
        }
        resultTable.column("firewalls: PerVm", provision(Workload.plainVms(options(), Firewalls.PerVm)));
        resultTable.column("firewalls: ByContent", provision(Workload.plainVms(options(), Firewalls.ByContent)));
        resultTable.publish();
        return 0;
    }

    /** The real limits, but for that of firewalls, which Hetzner raises for who asks. */
    private HetznerOptions options() {
        return new HetznerOptions().speed(speed).firewallLimit(10_000);
    }

    private Map<String, Object> provision(Workload<?> workload) {
        try (var operatorUnderLoad = new OperatorUnderLoad<>(workload)) {
            var operator = operatorUnderLoad.operatorMetrics();
            var cluster = OperatorUnderLoad.clusterMetrics();
            workload.clouds().forEach(RequestLog::reset);
            operatorUnderLoad.growTo(count);
            operatorUnderLoad.awaitAllReady(Duration.ofMinutes(5));
            int writes = workload.clouds().stream().mapToInt(RequestLog::writes).sum();
            int calls = (int)
                    workload.clouds().stream().mapToLong(RequestLog::total).sum();
            operator = operatorUnderLoad.operatorMetrics().since(operator);
            cluster = OperatorUnderLoad.clusterMetrics().since(cluster);

            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("last server asked for after, s", Percentiles.seconds(lastServerRequest(operatorUnderLoad)));
            figures.put(
                    "all done, s",
                    Percentiles.seconds(
                            Duration.between(operatorUnderLoad.firstApplied(), operatorUnderLoad.lastReady())));
            Percentiles.of(operatorUnderLoad.waits()).into(figures, "each");
            Percentiles.of(operatorUnderLoad.lags()).into(figures, "Ready after the cloud's last action");
            Percentiles.of(operatorUnderLoad.exactLags()).into(figures, "the same to the millisecond");
            figures.put("cloud writes", writes);
            figures.put("cloud reads", calls - writes);
            figures.put("calls by purpose", OperatorUnderLoad.callsByPurpose(operator));
            figures.put("429", (int) workload.clouds().stream()
                    .flatMap(it -> it.entries().stream())
                    .filter(it -> it.status() == 429)
                    .count());
            figures.put("status writes", operator.sum("anchorhold_status_writes_total"));
            figures.put("status conflicts", operator.sum("anchorhold_status_conflicts_total"));
            figures.put("reconciles", operator.sum("reconciliations_started_total"));
            figures.put("Kubernetes writes, the test's own too", OperatorUnderLoad.kubernetesWrites(cluster));
            figures.put("operator's processor time, s", OperatorUnderLoad.processorTime(operator));
            figures.put("heap after GC, MiB", operatorUnderLoad.heapMiB());
            return figures;
        }
    }

    private static Duration lastServerRequest(OperatorUnderLoad<?> operatorUnderLoad) {
        return operatorUnderLoad.testEnvironment.cloud.requests().entries().stream()
                .filter(it -> it.method().equals("POST") && it.template().equals("/servers"))
                .map(it -> Duration.between(operatorUnderLoad.firstApplied(), it.time()))
                .max(Duration::compareTo)
                .orElseThrow();
    }
}
