package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.platform.Database;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How the schema changes while companions of the release before still work with it. */
class LedgerMigrationTest {

    @Test
    void H22_rows_are_looked_at_after_a_tables_new_constraints_and_not_under_their_lock() {
        CompanionDatabase postgres = CompanionDatabase.in(Postgres.shared(), "books-migration");
        postgres.migrate("9");
        assertThat(notLookedAt(postgres))
                .containsExactly(
                        "event_event_check",
                        "event_reason_check",
                        "event_volume_gib_check",
                        "period_volume_gib_check",
                        "statement_line_volume_gib_check");
        postgres.migrate();
        assertThat(notLookedAt(postgres)).isEmpty();
    }

    @Test
    void F99_three_migrate_at_once_and_one_is_killed_midway_and_the_schema_is_whole() throws Exception {
        CompanionDatabase postgres = CompanionDatabase.in(Postgres.shared(), "books-migrated-by-three");
        List<Throwable> failed;
        try (ExecutorService three = Executors.newFixedThreadPool(3)) {
            List<Future<?>> migrators = Stream.<Future<?>>generate(() -> three.submit(() -> postgres.migrate()))
                    .limit(3)
                    .toList();
            Awaitility.await("one that holds Flyway's lock").until(() -> killMigrator(postgres));
            failed = migrators.stream()
                    .map(LedgerMigrationTest::failure)
                    .flatMap(Optional::stream)
                    .toList();
        }
        assertThat(failed).as("the one that was killed").hasSizeLessThanOrEqualTo(1);

        postgres.migrate();

        assertThat(strings(postgres, "SELECT version FROM flyway_schema_history WHERE NOT success"))
                .isEmpty();
        assertThat(strings(
                        postgres,
                        "SELECT version FROM flyway_schema_history WHERE version IS NOT NULL ORDER BY installed_rank"))
                .isEqualTo(migrations().stream().map(String::valueOf).toList());
        assertThat(strings(postgres, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"))
                .isEmpty();
        assertThat(notLookedAt(postgres)).isEmpty();
    }

    @Test
    void F100_a_release_that_is_too_old_for_the_schema_is_refused_with_the_reason_and_changes_nothing()
            throws IOException {
        CompanionDatabase postgres = CompanionDatabase.in(Postgres.shared(), "books-of-a-newer-release");
        postgres.migrate();
        int newest = migrations().getLast();
        assertThat(strings(postgres, "SELECT obj_description('ledger'::regnamespace, 'pg_namespace')"))
                .singleElement()
                .asString()
                .as("what a migration leaves behind")
                .satisfies(it -> {
                    Matcher needed = Pattern.compile("For releases that know migration V(\\d+) at least[.]")
                            .matcher(it);
                    assertThat(needed.matches()).isTrue();
                    assertThat(Integer.parseInt(needed.group(1))).isBetween(1, newest);
                });
        postgres.migrate(); // the same release once more

        comment(postgres, "For releases that know migration V%d at least.".formatted(newest + 1));
        assertThatThrownBy(postgres::migrate)
                .hasMessageContaining(
                        "too old for the database: it knows the schema up to V%d, and whoever works with it now must know V%d",
                        newest, newest + 1);

        assertThat(strings(postgres, "SELECT obj_description('ledger'::regnamespace, 'pg_namespace')"))
                .containsExactly("For releases that know migration V%d at least.".formatted(newest + 1));
        comment(postgres, "For releases that know migration V%d at least.".formatted(newest));
        postgres.migrate();
    }

    private static boolean killMigrator(CompanionDatabase postgres) {
        return !strings(postgres, """
                SELECT pg_terminate_backend(pid)::text FROM pg_locks JOIN pg_stat_activity USING (pid)
                WHERE locktype = 'advisory' AND granted AND datname = current_database()""").isEmpty();
    }

    private static Optional<Throwable> failure(Future<?> migrator) {
        try {
            migrator.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The numbers of this release's migrations. */
    private static List<Integer> migrations() throws IOException {
        try (Stream<Path> files = Files.list(Programs.CHECKOUT.resolve("src/main/resources/db/migration"))) {
            return files.map(it -> it.getFileName().toString())
                    .filter(it -> it.startsWith("V"))
                    .map(it -> Integer.valueOf(it.substring(1, it.indexOf("__"))))
                    .sorted()
                    .toList();
        }
    }

    private static void comment(CompanionDatabase postgres, String text) {
        new Database(postgres::asOwner)
                .transaction(it -> it.update("COMMENT ON SCHEMA ledger IS '%s'".formatted(text)));
    }

    private static List<String> strings(CompanionDatabase postgres, String query) {
        return new Database(postgres::asOwner)
                .transaction(it -> it.all(row -> row.result().getString(1), query));
    }

    private static List<String> notLookedAt(CompanionDatabase postgres) {
        return new Database(postgres::asOwner)
                .transaction(it -> it.all(
                        row -> row.text("conname"),
                        "SELECT conname FROM pg_constraint WHERE NOT convalidated ORDER BY conname"));
    }
}
