package dev.anchorhold.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures entries that the books acknowledge, durable and in a signed tree, beside rows that are only inserted, on the same
 * durable PostgreSQL and in rounds that alternate: so that a busy machine is as busy for the one as for the other.
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

    @Option(
            names = "--grow",
            defaultValue = "0",
            description =
                    "then let the log grow to so many entries, and verify it (default 0: not; 1000000 takes minutes)")
    private int goal;

    private static final String BATCH = "INSERT, JDBC batch";
    private static final String UNNEST = "INSERT, unnest";

    private final DeliveryGenerator deliveryGenerator = new DeliveryGenerator();
    private final Map<String, List<DeliveryRun>> runs = new LinkedHashMap<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LedgerBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (var books = new CompanionUnderLoad();
                var bare = new InsertBaseline(books.database)) {
            for (int round = 0; round <= rounds; round++) {
                round(bare, books);
                if (round == 0) {
                    runs.clear(); // it warmed up both JVMs
                }
            }
            publish();
            var size = new ResultTable("ledger-size");
            size.column("%d entries".formatted(books.size()), books.bytesPerEntry());
            if (books.size() < goal) {
                size.column("%d entries".formatted(goal), grow(books));
            }
            size.publish();
        }
        return 0;
    }

    private void round(InsertBaseline bare, CompanionUnderLoad books) throws IOException, SQLException {
        run(
                "INSERT, a row each",
                bare.singly(deliveryGenerator.lanes(1, entries / 10, 1).getFirst()));
        run(
                BATCH,
                bare.batched(deliveryGenerator.lanes(1, entries / batch, batch).getFirst()));
        run(
                UNNEST,
                bare.unnested(deliveryGenerator.lanes(1, entries / batch, batch).getFirst()));
        for (int callers : List.of(1, 4)) {
            String who = callers == 1 ? ", 1 caller" : ", %d callers".formatted(callers);
            run("log" + who, books.deliverToTheLogAlone(deliveryGenerator.lanes(callers, entries / batch, batch)));
            run("log and books" + who, books.deliver(deliveryGenerator.lanes(callers, entries / batch, batch)));
        }
        run("both, 1 caller, 5 entries each", books.deliver(deliveryGenerator.lanes(1, entries / 50, 5)));
        run("both, 32 callers, 5 entries each", books.deliver(deliveryGenerator.lanes(32, entries / 10, 5)));
    }

    private void run(String title, DeliveryRun run) {
        runs.computeIfAbsent(title, _ -> new ArrayList<>()).add(run);
    }

    private Map<String, Object> grow(CompanionUnderLoad books) throws IOException, SQLException, InterruptedException {
        List<DeliveryRun> all = new ArrayList<>();
        for (long left = goal - books.size(); left > 0; left = goal - books.size()) {
            int each = (int) Math.min(left, 1_000);
            all.add(books.deliver(deliveryGenerator.lanes(1, (int) Math.min(left / each, 20), each)));
        }
        Map<String, Object> figures = new LinkedHashMap<>(books.bytesPerEntry());
        figures.put(
                "entries per second on the way there",
                Math.round(all.stream().mapToInt(DeliveryRun::entries).sum()
                        / all.stream()
                                .mapToDouble(it -> it.lasted().toNanos() / 1e9)
                                .sum()));
        figures.put("companion's memory (RSS), MiB", ImageBench.residentMiB(books.handle()));
        figures.put("verified in, s", books.verify().toMillis() / 1e3);
        return figures;
    }

    private void publish() {
        var resultTable = new ResultTable("ledger");
        var bare = fasterOfEachRound(runs.get(BATCH), runs.get(UNNEST));
        runs.forEach((title, all) -> resultTable.column(title, figures(all, bare)));
        resultTable.publish();
    }

    private static Map<String, Object> figures(List<DeliveryRun> all, List<Double> bare) {
        Map<String, Object> figures = new LinkedHashMap<>();
        var rates = all.stream().map(DeliveryRun::perSecond).sorted().toList();
        figures.put("entries per second, median", Math.round(rates.get(rates.size() / 2)));
        figures.put(
                "slowest and quickest round",
                "%d to %d".formatted(Math.round(rates.getFirst()), Math.round(rates.getLast())));
        var shares = IntStream.range(0, all.size())
                .mapToObj(i -> all.get(i).perSecond() / bare.get(i))
                .sorted()
                .toList();
        figures.put(
                "of the faster bare batch in the same round, median",
                "%.0f %%".formatted(100 * shares.get(shares.size() / 2)));
        var waits = all.stream().flatMap(it -> it.waits().stream()).sorted().toList();
        figures.put("each call, p50 ms", millis(waits.get(waits.size() / 2)));
        figures.put("each call, p99 ms", millis(waits.get(waits.size() * 99 / 100)));
        all.getFirst()
                .costs()
                .keySet()
                .forEach(it -> figures.put(
                        it + ", µs an entry",
                        all.stream()
                                        .mapToLong(run -> run.costs().get(it).toNanos())
                                        .sum()
                                / 1e3
                                / all.stream().mapToInt(DeliveryRun::entries).sum()));
        return figures;
    }

    private static List<Double> fasterOfEachRound(List<DeliveryRun> some, List<DeliveryRun> others) {
        return IntStream.range(0, some.size())
                .mapToObj(i -> Math.max(some.get(i).perSecond(), others.get(i).perSecond()))
                .toList();
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
