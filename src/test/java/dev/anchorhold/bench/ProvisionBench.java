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

/** Many PlainVms from apply to all Ready, with a firewall each and with shared ones, beside the simulator's own floor. */
@Command(name = "provision", mixinStandardHelpOptions = true)
final class ProvisionBench implements Callable<Integer> {
    @Option(names = "--vms", defaultValue = "100", description = "how many at once (default 100)")
    private int vms;

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
        var sheet = new Sheet("provision");
        try (var floor = new Floor(options())) {
            sheet.column("floor", floor.measure(vms));
        }
        sheet.column("firewalls: PerVm", provision(Firewalls.PerVm));
        sheet.column("firewalls: ByContent", provision(Firewalls.ByContent));
        sheet.publish();
        return 0;
    }

    /** The real limits, but for that of firewalls, which Hetzner raises for who asks. */
    private Options options() {
        return new Options().speed(speed).firewallLimit(10_000);
    }

    private Map<String, Object> provision(Firewalls firewalls) {
        try (var rig = new Rig(options(), firewalls)) {
            var operator = rig.operatorFigures();
            var cluster = Rig.clusterFigures();
            rig.stage.cloud.requests().reset();
            rig.growTo(vms);
            rig.awaitAllReady(Duration.ofMinutes(5));
            var requests = rig.stage.cloud.requests();
            int writes = requests.writes();
            int reads = (int) requests.total() - writes;
            operator = rig.operatorFigures().since(operator);
            cluster = Rig.clusterFigures().since(cluster);

            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("last server asked for after, s", Spread.seconds(asked(rig, requests)));
            figures.put("all done, s", Spread.seconds(Duration.between(rig.firstApplied(), rig.lastReady())));
            Spread.of(rig.waits()).into(figures, "each");
            Spread.of(rig.lags()).into(figures, "Ready after the cloud's last action");
            figures.put("cloud writes", writes);
            figures.put("cloud reads", reads);
            figures.put("calls by purpose", Rig.callsByPurpose(operator));
            figures.put("429", (int)
                    requests.entries().stream().filter(it -> it.status() == 429).count());
            figures.put("status writes", operator.sum("anchorhold_status_writes_total"));
            figures.put("status conflicts", operator.sum("anchorhold_status_conflicts_total"));
            figures.put("reconciles", operator.sum("reconciliations_started_total"));
            figures.put("Kubernetes writes, the test's own too", Rig.kubernetesWrites(cluster));
            figures.put("operator's processor time, s", Rig.processorTime(operator));
            figures.put("heap after GC, MiB", rig.heapMiB());
            return figures;
        }
    }

    private static Duration asked(Rig rig, RequestLog requests) {
        return requests.entries().stream()
                .filter(it -> it.method().equals("POST") && it.template().equals("/servers"))
                .map(it -> Duration.between(rig.firstApplied(), it.time()))
                .max(Duration::compareTo)
                .orElseThrow();
    }
}
