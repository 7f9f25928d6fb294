package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that PostgreSQL is durable over restarts and kills. */
class PostgresTest {
    @TempDir
    Path folder;

    /** Runs in the JVM that is killed. */
    public static final class Owner {
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            Postgres postgres = Postgres.start(folder, Ports.free());
            write(postgres);
            KilledJvm.readyToDie(folder);
        }
    }

    @Test
    void it_is_durable_and_keeps_its_data_over_a_restart() throws SQLException {
        try (Postgres postgres = Postgres.start(folder, Ports.free())) {
            write(postgres);
            assertThat(postgres.health().healthy()).isTrue();
            assertThat(ask(postgres, "SHOW fsync")).isEqualTo("on");
            assertThat(ask(postgres, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(ask(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        }
        try (Postgres postgres = Postgres.start(folder, Ports.free())) {
            assertThat(ask(postgres, "SELECT word FROM kept")).isEqualTo("still here");
        }
    }

    @Test
    void what_was_committed_survives_the_kill_of_all_its_processes() throws SQLException {
        try (Postgres postgres = Postgres.start(folder, Ports.free())) {
            write(postgres);
            ProcessHandle killed = postgres.process();
            postgres.kill9();
            assertThat(Daemon.runs(killed)).isFalse();
            postgres.restart();
            assertThat(ask(postgres, "SELECT word FROM kept")).isEqualTo("still here");
        }
    }

    @Test
    void a_server_that_a_killed_jvm_left_running_is_stopped_and_its_data_kept()
            throws IOException, InterruptedException, SQLException {
        KilledJvm killed = KilledJvm.of(Owner.class, folder);
        try (Postgres postgres = Postgres.start(folder, Ports.free())) {
            assertThat(killed.orphans()).noneMatch(Daemon::runs);
            assertThat(ask(postgres, "SELECT word FROM kept")).isEqualTo("still here");
        } finally {
            killed.leaveNothingBehind();
        }
    }

    private static void write(Postgres postgres) throws SQLException {
        try (Connection connection = postgres.database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (word text)");
            statement.execute("INSERT INTO kept VALUES ('still here')");
        }
    }

    private static String ask(Postgres postgres, String question) throws SQLException {
        try (Connection connection = postgres.database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
