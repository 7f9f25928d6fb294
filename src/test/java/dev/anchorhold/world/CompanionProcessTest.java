package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ProductProcess.Settings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the packaged companion: migration, the rights of its database user, a restart after a kill. */
class CompanionProcessTest {
    @TempDir
    Path folder;

    @Test
    void the_packaged_companion_migrates_works_as_an_ordinary_user_and_comes_back_after_a_kill() throws SQLException {
        var database = CompanionDatabase.in(Postgres.shared(), "anchorhold");
        var settings =
                new Settings(folder.resolve("companion"), ControlPlane.shared().kubeconfig(), Map.of());
        try (var companion = CompanionProcess.start(settings, new DatabaseAndKeys(database, folder))) {
            companion.awaitReady();
            assertThat(ask(database.asApplication(), "SELECT count(*) FROM door.guest"))
                    .isEqualTo("0");
            for (String forbidden : new String[] {
                "DROP TABLE door.guest",
                "DELETE FROM door.guest",
                "ALTER TABLE door.deposit DISABLE TRIGGER ALL",
                "CREATE TABLE door.mine (x int)",
                "CREATE TABLE public.mine (x int)",
                "SELECT * FROM public.flyway_schema_history"
            }) {
                assertThatThrownBy(() -> ask(database.asApplication(), forbidden))
                        .as(forbidden)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("ERROR: ");
            }

            companion.kill9();
            assertThat(companion.health().healthy()).isFalse();
            companion.restart();
            companion.awaitReady();
        }
    }

    private static String ask(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            var rows = statement.getResultSet();
            rows.next();
            return rows.getString(1);
        }
    }
}
