package dev.anchorhold.bench;

import dev.anchorhold.ledger.books.BooksProjection;
import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.verify.LogSource;
import dev.anchorhold.ledger.verify.Verification;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.ProductProcess.Settings;
import dev.anchorhold.world.ThrowawayFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.ConnectionPool;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/** The packaged companion under load, on a durable PostgreSQL of its own, with the client that delivers entries to it. */
final class CompanionUnderLoad implements AutoCloseable {
    /** As in the chart's container: half of its memory limit for the heap. */
    private static final String[] JVM = {"-Xmx256m", "-XX:+UseSerialGC"};

    private static final MediaType JSON = MediaType.get("application/json");

    final CompanionDatabase database;
    private final Postgres postgres;
    private final CompanionProcess companion;
    private final String token;
    private final OkHttpClient http = new OkHttpClient.Builder()
            .connectionPool(new ConnectionPool(64, 5, TimeUnit.MINUTES))
            .readTimeout(Duration.ofMinutes(1))
            .build();

    CompanionUnderLoad() throws IOException {
        Path folder = ThrowawayFolder.create();
        postgres = Postgres.start(folder.resolve("postgres"), Ports.free());
        database = CompanionDatabase.in(postgres, "books");
        companion = CompanionProcess.start(
                        new Settings(folder, TestEnvironment.chart().companionKubeconfig(), Map.of()).withJvm(JVM),
                        new DatabaseAndKeys(database, folder))
                .awaitReady();
        token = Files.readString(TestEnvironment.chart().operatorTokenForCompanion());
    }

    /** As {@link #deliver}, while the books cannot go on: what the log alone takes. */
    DeliveryRun deliverToTheLogAlone(List<List<Delivery>> lanes) throws IOException, SQLException {
        try (var connection = database.asOwner().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM ledger.books_cursor FOR UPDATE");
            return deliver(lanes, connection::rollback);
        }
    }

    @FunctionalInterface
    private interface Release {
        void now() throws SQLException;
    }

    DeliveryRun deliver(List<List<Delivery>> lanes) throws IOException, SQLException {
        return deliver(lanes, () -> {});
    }

    /** Delivers them all, a thread a lane; then folds them, as whoever reads the books would. */
    private DeliveryRun deliver(List<List<Delivery>> lanes, Release whenAcknowledged) throws IOException, SQLException {
        int each = lanes.getFirst().getFirst().journals().size();
        List<List<byte[]>> bodies = new ArrayList<>();
        for (List<Delivery> lane : lanes) {
            List<byte[]> bytes = new ArrayList<>();
            for (Delivery it : lane) {
                bytes.add(JsonMappers.STRICT.writeValueAsBytes(it));
            }
            bodies.add(bytes);
        }
        long before = size();
        var companionBefore = processorTime(Stream.of(handle()));
        var postgresBefore = processorTime(postgresProcesses());
        var run = DeliveryRun.of(bodies, each, this::deliver);
        Map<String, Duration> costs = new LinkedHashMap<>();
        costs.put(
                "companion's processor time", processorTime(Stream.of(handle())).minus(companionBefore));
        costs.put("PostgreSQL's", processorTime(postgresProcesses()).minus(postgresBefore));
        if (size() - before != run.entries()) {
            throw new IllegalStateException("not every entry is in the log once");
        }
        whenAcknowledged.now();
        long acknowledged = System.nanoTime();
        new BooksProjection(new Database(database::asApplication)).catchUp();
        costs.put("until the books had folded all", Duration.ofNanos(System.nanoTime() - acknowledged));
        return run.with(costs);
    }

    private void deliver(byte[] body) {
        var request = new Request.Builder()
                .url(companion.internalUri() + "/internal/v1/journals")
                .header("Authorization", "Bearer " + token)
                .post(RequestBody.create(body, JSON))
                .build();
        try (var response = http.newCall(request).execute()) {
            String result = response.body().string();
            if (response.code() != 200 || result.contains("refusal")) {
                throw new IllegalStateException(response.code() + ": " + result);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long size() {
        return number("SELECT count(*) FROM ledger.event");
    }

    /** Tables with their indexes. */
    Map<String, Object> bytesPerEntry() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("bytes an entry, in event", "relname = 'event'");
        tables.put("bytes an entry, in tile", "relname = 'tile'");
        tables.put("bytes an entry, in checkpoint", "relname = 'checkpoint'");
        tables.put("bytes an entry, in resource and period", "relname IN ('resource', 'period')");
        tables.put("bytes an entry, in usage_day", "relname LIKE 'usage_day%'");
        Map<String, Object> bytes = new LinkedHashMap<>();
        tables.forEach((title, which) -> bytes.put(title, number("""
                SELECT sum(pg_total_relation_size(oid)) FROM pg_class
                WHERE relnamespace = 'ledger'::regnamespace AND relkind = 'r' AND %s
                """.formatted(which)) / size()));
        return bytes;
    }

    /** As whoever wants to know does it, over HTTP; it must be well. */
    Duration verify() throws IOException, InterruptedException {
        long began = System.nanoTime();
        try (var log = LogSource.of(companion.uri().resolve("/log").toString())) {
            var report = Verification.of(log).run();
            if (!report.passed()) {
                throw new IllegalStateException(report.findings().toString());
            }
        }
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private long number(String sql) {
        try (var connection = database.asOwner().getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The companion's process. */
    ProcessHandle handle() {
        return ProcessHandle.of(companion.pid()).orElseThrow();
    }

    private Stream<ProcessHandle> postgresProcesses() {
        return Stream.concat(Stream.of(postgres.process()), postgres.process().descendants());
    }

    private static Duration processorTime(Stream<ProcessHandle> processes) {
        return processes
                .map(it -> it.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    @Override
    public void close() {
        http.connectionPool().evictAll();
        http.dispatcher().executorService().shutdown();
        companion.close();
        postgres.close();
    }
}
