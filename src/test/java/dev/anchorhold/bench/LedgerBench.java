package dev.anchorhold.bench;

import java.io.IOException;
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

    private static final String SINGLY = "INSERT, a row each";
    private static final String BATCH = "INSERT, JDBC batch";

    private final Deliveries deliveries = new Deliveries();
    private final Map<String, List<Run>> runs = new LinkedHashMap<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LedgerBench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        try (var books = new BenchedBooks();
                var bare = new BareTable(books.database)) {
            for (int round = 0; round <= rounds; round++) {
                round(bare, books);
                if (round == 0) {
                    runs.clear(); // it warmed up both JVMs
                }
            }
            publish(books);
        }
        return 0;
    }

    private void round(BareTable bare, BenchedBooks books) throws IOException {
        run(SINGLY, bare.singly(deliveries.lanes(1, entries / 10, 1).getFirst()));
        run(BATCH, bare.batched(deliveries.lanes(1, entries / batch, batch).getFirst()));
        run(
                "INSERT, unnest",
                bare.unnested(deliveries.lanes(1, entries / batch, batch).getFirst()));
        for (int callers : List.of(1, 4)) {
            run(
                    "ledger, %d caller%s".formatted(callers, callers == 1 ? "" : "s"),
                    books.deliver(deliveries.lanes(callers, entries / batch, batch)));
        }
        run("ledger, 1 caller, 5 entries each", books.deliver(deliveries.lanes(1, entries / 50, 5)));
        run("ledger, 32 callers, 5 entries each", books.deliver(deliveries.lanes(32, entries / 10, 5)));
    }

    private void run(String title, Run run) {
        runs.computeIfAbsent(title, _ -> new ArrayList<>()).add(run);
    }

    private void publish(BenchedBooks books) {
        var sheet = new Sheet("ledger");
        var bare = runs.get(BATCH);
        runs.forEach((title, all) -> sheet.column(title, figures(all, bare)));
        sheet.publish();
    }

    private static Map<String, Object> figures(List<Run> all, List<Run> bare) {
        Map<String, Object> figures = new LinkedHashMap<>();
        var rates = all.stream().map(Run::perSecond).sorted().toList();
        figures.put("entries per second, median", Math.round(rates.get(rates.size() / 2)));
        figures.put(
                "slowest and quickest round",
                "%d to %d".formatted(Math.round(rates.getFirst()), Math.round(rates.getLast())));
        var shares = IntStream.range(0, all.size())
                .mapToObj(i -> all.get(i).perSecond() / bare.get(i).perSecond())
                .sorted()
                .toList();
        figures.put(
                "of the JDBC batch in the same round, median",
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
                                / all.stream().mapToInt(Run::entries).sum()));
        return figures;
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
