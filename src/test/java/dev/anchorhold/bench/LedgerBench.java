package dev.anchorhold.bench;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.Postgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Entries that the books acknowledge, durable and in a signed tree, beside rows that are only inserted, on the same durable
 * PostgreSQL and in rounds that alternate: so that a busy machine is as busy for the one as for the other.
 */
@Command(name = "ledger", mixinStandardHelpOptions = true)
final class LedgerBench implements Callable<Integer> {
    @Option(names = "--entries", defaultValue = "20000", description = "for each run of a round (default 20000)")
    private int entries;

    @Option(
            names = "--batch",
            defaultValue = "500",
            description = "entries in one delivery (default 500, at most 1000)")
    private int batch;

    @Option(names = "--rounds", defaultValue = "5", description = "how often each is run (default 5)")
    private int rounds;

    private final Deliveries deliveries = new Deliveries();
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LedgerBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("anchorhold-bench");
        try (var postgres = Postgres.start(folder, Ports.free())) {
            var database = CompanionDatabase.in(postgres, "books");
            database.migrate();
            try (var bare = new BareTable(database)) {
                for (int round = 0; round <= rounds; round++) {
                    round(bare);
                    if (round == 0) {
                        runs.clear(); // it warmed up both JVMs
                    }
                }
            }
        }
        publish();
        return 0;
    }

    private void round(BareTable bare) {
        run("INSERT, a row each", () -> bare.singly(lane(entries / 10, 1)));
        run("INSERT, JDBC batch", () -> bare.batched(lane(entries, batch)));
        run("INSERT, unnest", () -> bare.unnested(lane(entries, batch)));
    }

    private List<Delivery> lane(int total, int each) {
        return deliveries.lanes(1, total / each, each).getFirst();
    }

    private void run(String title, Supplier<Run> bench) {
        runs.computeIfAbsent(title, _ -> new ArrayList<>()).add(bench.get());
    }

    private void publish() {
        var sheet = new Sheet("ledger");
        runs.forEach((title, all) -> sheet.column(title, figures(all)));
        sheet.publish();
    }

    private Map<String, Object> figures(List<Run> all) {
        Map<String, Object> figures = new LinkedHashMap<>();
        var rates = all.stream().map(Run::perSecond).sorted().toList();
        figures.put("entries per second, median", Math.round(rates.get(rates.size() / 2)));
        figures.put(
                "slowest and quickest round",
                "%d to %d".formatted(Math.round(rates.getFirst()), Math.round(rates.getLast())));
        var waits = all.stream().flatMap(it -> it.waits().stream()).sorted().toList();
        figures.put("each, p50 ms", millis(waits.get(waits.size() / 2)));
        figures.put("each, p99 ms", millis(waits.get(waits.size() * 99 / 100)));
        return figures;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
