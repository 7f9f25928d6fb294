package dev.anchorhold.bench;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what a fleet costs when nothing happens. A window is watched and taken for the hour; the complete listing, which
 * comes more rarely, is counted at a restart of the operator, and taken as often as the settings say.
 */
@Command(name = "steady", mixinStandardHelpOptions = true)
final class SteadyBench implements Callable<Integer> {
    /** So long that a feed has shown everything that was done before. */
    private static final Duration CALM =
            InventorySettings.DEFAULT.feedInterval().plusSeconds(5);

    @Option(
            names = "--vms",
            split = ",",
            defaultValue = "10,100,1000",
            description = "sizes of the fleet, growing (default 10,100,1000)")
    private List<Integer> sizes;

    @Option(
            names = "--window",
            defaultValue = "120",
            description = "how long each is watched, in seconds (default 120)")
    private int window;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SteadyBench()).execute(arguments));
    }

    @Override
    public Integer call() {
        var resultTable = new ResultTable("steady");
        try (var operatorUnderLoad = new OperatorUnderLoad<>(
                Workload.plainVms(TestEnvironment.quick().noRateLimit(), Firewalls.PerVm))) {
            for (int size : sizes) {
                Map<String, Object> figures = new LinkedHashMap<>();
                grow(operatorUnderLoad, size, figures);
                measure(operatorUnderLoad, figures);
                resultTable.column(size + " VMs", figures);
            }
            resultTable.publish(); // before the fleet is deleted, which takes minutes
        }
        return 0;
    }

    private static void grow(OperatorUnderLoad<?> operatorUnderLoad, int size, Map<String, Object> figures) {
        var began = Instant.now();
        var before = operatorUnderLoad.processorTimes();
        int objects = operatorUnderLoad.size();
        operatorUnderLoad.growTo(size);
        operatorUnderLoad.awaitAllReady(Duration.ofMinutes(20));
        figures.put("new ones", size - objects);
        figures.put("all Ready after, s", Percentiles.seconds(Duration.between(began, operatorUnderLoad.lastReady())));
        Map<String, Object> each = new TreeMap<>();
        operatorUnderLoad
                .processorTimes()
                .forEach((process, time) -> each.put(
                        process,
                        "%.1f"
                                .formatted(1000
                                        * (time - before.getOrDefault(process, 0.0))
                                        / Math.max(1, size - objects))));
        figures.put("processor time a new one, ms", each);
        awaitCalm(operatorUnderLoad);
    }

    private void measure(OperatorUnderLoad<?> operatorUnderLoad, Map<String, Object> figures) {
        var seen = watch(operatorUnderLoad);
        double perHour = 3600.0 / window;
        var inWindow = OperatorUnderLoad.callsByPurpose(seen.operator);
        figures.put("in %d s: cloud calls".formatted(window), inWindow);
        figures.put(
                "cloud writes",
                operatorUnderLoad.testEnvironment.cloud.requests().writes());
        figures.put("status writes", seen.operator.sum("anchorhold_status_writes_total"));
        figures.put("Kubernetes writes", OperatorUnderLoad.kubernetesWrites(seen.cluster));
        figures.put("reconciles", seen.operator.sum("reconciliations_started_total"));
        figures.put("operator's processor time, s", OperatorUnderLoad.processorTime(seen.operator));
        figures.put("operator's memory (RSS) after all were made, MiB", operatorUnderLoad.residentMiB());

        var restarted = Instant.now();
        operatorUnderLoad.restartOperator();
        figures.put(
                "settled after a restart, s",
                Percentiles.seconds(Duration.between(restarted, awaitCalm(operatorUnderLoad))));
        var start = operatorUnderLoad.operatorMetrics();
        var atStart = OperatorUnderLoad.callsByPurpose(start);
        int listing = atStart.getOrDefault("backstop", 0);
        figures.put("at a restart: cloud calls", atStart);
        figures.put("at a restart: status writes", start.sum("anchorhold_status_writes_total"));
        figures.put("heap after GC, MiB", operatorUnderLoad.heapMiB());

        double feeds = inWindow.getOrDefault("feed", 0) * perHour;
        double listings = listing * (double) Duration.ofHours(1).dividedBy(InventorySettings.DEFAULT.relistInterval());
        figures.put("calls per hour, the feeds", Math.round(feeds));
        figures.put("calls per hour, the hourly listing", Math.round(listings));
        figures.put("calls per hour, both", Math.round(feeds + listings));
    }

    private record Seen(MetricsSnapshot operator, MetricsSnapshot cluster) {}

    private Seen watch(OperatorUnderLoad<?> operatorUnderLoad) {
        var operator = operatorUnderLoad.operatorMetrics();
        var cluster = OperatorUnderLoad.clusterMetrics();
        operatorUnderLoad.testEnvironment.cloud.requests().reset();
        var end = Instant.now().plusSeconds(window);
        Awaitility.await("the window's end")
                .atMost(Duration.ofSeconds(window + 60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !Instant.now().isBefore(end));
        return new Seen(
                operatorUnderLoad.operatorMetrics().since(operator),
                OperatorUnderLoad.clusterMetrics().since(cluster));
    }

    /** Until nothing but the feeds was called of the cloud, and no status was written, for a while. Since when that was so. */
    private static Instant awaitCalm(OperatorUnderLoad<?> operatorUnderLoad) {
        var last = new Object[] {null, Instant.now()};
        Awaitility.await("calm")
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    var now = operatorUnderLoad.operatorMetrics();
                    var calls = OperatorUnderLoad.callsByPurpose(now);
                    calls.remove("feed");
                    var state = List.of(calls, now.sum("anchorhold_status_writes_total"));
                    if (!state.equals(last[0]) || !calls.containsKey("backstop")) {
                        last[0] = state;
                        last[1] = Instant.now();
                    }
                    return Duration.between((Instant) last[1], Instant.now()).compareTo(CALM) >= 0;
                });
        return (Instant) last[1];
    }
}
