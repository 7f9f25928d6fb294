package dev.anchorhold.bench;

import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.ProductProcess;
import dev.anchorhold.world.ProductProcess.Settings;
import dev.anchorhold.world.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures, of each role in the image, how long it takes from its start until it is ready, and what memory it has when nothing happens. */
@Command(name = "image", mixinStandardHelpOptions = true)
final class ImageBench implements Callable<Integer> {
    private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    @Option(
            names = "--root",
            required = true,
            description = "the unpacked image: tar -x each layer of the archive of ./dev image")
    private Path root;

    @Option(names = "--idle", defaultValue = "30", description = "how long nothing happens, in seconds (default 30)")
    private int idle;

    private final Path folder = Path.of("target/bench/image").toAbsolutePath();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ImageBench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        var table = new ResultTable("image");
        var chart = Chart.install(ControlPlane.shared(), Map.of());
        var database = CompanionDatabase.in(Postgres.shared(), "image-bench");
        for (var flags : List.of(QUICK, List.of("-XX:+UseSerialGC"))) {
            String with = flags.equals(QUICK) ? "" : ", both compilers";
            table.column(
                    "operator" + with, measured("operator", chart.operatorKubeconfig(), flags, OperatorProcess::start));
            table.column("companion" + with, measured("companion", chart.companionKubeconfig(), flags, it -> {
                database.migrate(); // in a cluster an init container's work
                return CompanionProcess.start(it, new DatabaseAndKeys(database, it.folder()));
            }));
        }
        table.publish();
        return 0;
    }

    private interface Start {
        ProductProcess of(Settings settings);
    }

    private Map<String, Object> measured(String role, Path kubeconfig, List<String> flags, Start start)
            throws IOException {
        Path own = Files.createDirectories(folder.resolve(role));
        Files.copy(kubeconfig, own.resolve("kubeconfig"), StandardCopyOption.REPLACE_EXISTING);
        Settings settings = new Settings(own, own.resolve("kubeconfig"), Map.of())
                .withJvm(flags.toArray(String[]::new))
                .inContainer(List.of(
                        Programs.CHECKOUT.resolve("k8s-dev/image/run").toString(),
                        root.toAbsolutePath().toString(),
                        own.toString()));
        Map<String, Object> figures = new LinkedHashMap<>();
        var began = Instant.now();
        try (ProductProcess process = start.of(settings)) {
            switch (process) {
                case OperatorProcess it -> it.awaitReady();
                case CompanionProcess it -> it.awaitReady();
            }
            figures.put("ready after, s", Percentiles.seconds(Duration.between(began, Instant.now())));
            ProcessHandle jvm = ProcessHandle.of(process.pid())
                    .orElseThrow()
                    .descendants()
                    .reduce((_, last) -> last)
                    .orElseThrow();
            figures.put(
                    "processor time until then, s",
                    Percentiles.seconds(jvm.info().totalCpuDuration().orElseThrow()));
            figures.put("memory (RSS) when ready, MiB", residentMiB(jvm));
            var end = Instant.now().plusSeconds(idle);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(idle + 60))
                    .until(() -> Instant.now().isAfter(end));
            figures.put("memory (RSS) %d s later, MiB".formatted(idle), residentMiB(jvm));
        }
        return figures;
    }

    /** A process's memory that is not swapped out, in MiB, as a cluster's limit counts it. */
    static long residentMiB(ProcessHandle process) throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/status"))
                .lines()
                .filter(it -> it.startsWith("VmRSS:"))
                .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
