package dev.anchorhold.bench;

import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.sim.cloud.RequestLog;
import dev.anchorhold.sim.hetzner.Options;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Many objects of a kind from apply to all Ready, beside the simulators' own floor. PlainVms with a firewall each and with shared
 * ones; Agents in both clouds, with the companion.
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
            var sheet = new Sheet("provision-agent");
            try (var floor = Floor.ofAgents(options())) {
                sheet.column("floor", floor.measure(count));
            }
            sheet.column("Agents", provision(Subject.agents(options())));
            sheet.publish();
            return 0;
        }
        var sheet = new Sheet("provision");
        try (var floor = Floor.ofPlainVms(options())) {
            sheet.column("floor", floor.measure(count));
        }
        sheet.column("firewalls: PerVm", provision(Subject.plainVms(options(), Firewalls.PerVm)));
        sheet.column("firewalls: ByContent", provision(Subject.plainVms(options(), Firewalls.ByContent)));
        sheet.publish();
        return 0;
    }

    /** The real limits, but for that of firewalls, which Hetzner raises for who asks. */
    private Options options() {
        return new Options().speed(speed).firewallLimit(10_000);
    }

    private Map<String, Object> provision(Subject<?> subject) {
        try (var rig = new Rig<>(subject)) {
            var operator = rig.operatorFigures();
            var cluster = Rig.clusterFigures();
            subject.clouds().forEach(RequestLog::reset);
            rig.growTo(count);
            rig.awaitAllReady(Duration.ofMinutes(5));
            int writes = subject.clouds().stream().mapToInt(RequestLog::writes).sum();
            int calls =
                    (int) subject.clouds().stream().mapToLong(RequestLog::total).sum();
            operator = rig.operatorFigures().since(operator);
            cluster = Rig.clusterFigures().since(cluster);

            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("last server asked for after, s", Spread.seconds(asked(rig)));
            figures.put("all done, s", Spread.seconds(Duration.between(rig.firstApplied(), rig.lastReady())));
            Spread.of(rig.waits()).into(figures, "each");
            Spread.of(rig.lags()).into(figures, "Ready after the cloud's last action");
            figures.put("cloud writes", writes);
            figures.put("cloud reads", calls - writes);
            figures.put("calls by purpose", Rig.callsByPurpose(operator));
            figures.put("429", (int) subject.clouds().stream()
                    .flatMap(it -> it.entries().stream())
                    .filter(it -> it.status() == 429)
                    .count());
            figures.put("status writes", operator.sum("anchorhold_status_writes_total"));
            figures.put("status conflicts", operator.sum("anchorhold_status_conflicts_total"));
            figures.put("reconciles", operator.sum("reconciliations_started_total"));
            figures.put("Kubernetes writes, the test's own too", Rig.kubernetesWrites(cluster));
            figures.put("operator's processor time, s", Rig.processorTime(operator));
            figures.put("heap after GC, MiB", rig.heapMiB());
            return figures;
        }
    }

    private static Duration asked(Rig<?> rig) {
        return rig.stage.cloud.requests().entries().stream()
                .filter(it -> it.method().equals("POST") && it.template().equals("/servers"))
                .map(it -> Duration.between(rig.firstApplied(), it.time()))
                .max(Duration::compareTo)
                .orElseThrow();
    }
}
