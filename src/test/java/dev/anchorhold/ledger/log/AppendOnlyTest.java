package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the companion's own database user may do to the log: add, and read. */
class AppendOnlyTest {
    private static final String REFUSED = "42501";
    private static LogFixture logFixture;

    @BeforeAll
    static void fill() throws SQLException {
        logFixture = new LogFixture();
        logFixture.log.record(SampleEntries.provisions(300));
        for (String table : List.of("event", "tile", "checkpoint")) {
            logFixture.asOwner("CREATE TRIGGER a_trigger BEFORE INSERT ON ledger." + table
                    + " EXECUTE FUNCTION suppress_redundant_updates_trigger()");
            logFixture.asOwner("ALTER TABLE ledger.%s DISABLE TRIGGER a_trigger".formatted(table));
        }
    }

    @AfterAll
    static void close() {
        logFixture.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"event", "tile", "checkpoint"})
    void F45_the_application_cannot_change_what_is_recorded(String table) {
        String column = table.equals("checkpoint") ? "size" : "index";
        for (String statement : List.of(
                "UPDATE ledger.%1$s SET %2$s = %2$s + 1000",
                "UPDATE ledger.%1$s SET %2$s = %2$s",
                "DELETE FROM ledger.%1$s",
                "DELETE FROM ledger.%1$s WHERE %2$s = 0",
                "TRUNCATE ledger.%1$s",
                "TRUNCATE ledger.%1$s CASCADE",
                "INSERT INTO ledger.%1$s SELECT * FROM ledger.%1$s ON CONFLICT ON CONSTRAINT %1$s_pkey DO UPDATE SET %2$s = 1",
                "MERGE INTO ledger.%1$s t USING (SELECT 0 AS n) AS s ON t.%2$s = s.n WHEN MATCHED THEN DELETE",
                "SELECT * FROM ledger.%1$s FOR UPDATE",
                "ALTER TABLE ledger.%1$s ADD COLUMN more text",
                "ALTER TABLE ledger.%1$s DROP COLUMN %2$s",
                "ALTER TABLE ledger.%1$s ALTER COLUMN %2$s DROP NOT NULL",
                "ALTER TABLE ledger.%1$s OWNER TO CURRENT_USER",
                "ALTER TABLE ledger.%1$s DISABLE TRIGGER ALL",
                "ALTER TABLE ledger.%1$s RENAME TO other",
                "ALTER TABLE ledger.%1$s SET SCHEMA public",
                "CREATE TRIGGER mine BEFORE INSERT ON ledger.%1$s"
                        + " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "CREATE RULE mine AS ON INSERT TO ledger.%1$s DO INSTEAD NOTHING",
                "DROP TRIGGER a_trigger ON ledger.%1$s",
                "DROP TABLE ledger.%1$s",
                "DROP TABLE ledger.%1$s CASCADE",
                "DROP INDEX ledger.%1$s_pkey",
                "DROP SCHEMA ledger CASCADE",
                "CREATE TABLE ledger.mine (n int)",
                "SET session_replication_role = replica",
                "SET ROLE \"anchorhold-owner\"",
                "SET SESSION AUTHORIZATION \"anchorhold-owner\"")) {
            refused(statement.formatted(table, column));
        }
    }

    @Test
    void F45_nor_may_it_give_itself_the_right_to() {
        // GRANT without a right to grant is a warning in Postgres, and no error: so what counts is what can be done
        // afterwards.
        assertThatThrownBy(() -> asApplication(
                        "GRANT UPDATE ON ledger.event TO CURRENT_USER; UPDATE ledger.event SET name = ''"))
                .isInstanceOfSatisfying(
                        SQLException.class, it -> assertThat(it.getSQLState()).isEqualTo(REFUSED));
        assertThat(logFixture.log.head().size()).isEqualTo(300);
    }

    private static void refused(String statement) {
        assertThatThrownBy(() -> asApplication(statement))
                .as(statement)
                .isInstanceOfSatisfying(
                        SQLException.class,
                        it -> assertThat(it.getSQLState())
                                .as("%s: %s", statement, it.getMessage())
                                .isEqualTo(REFUSED));
    }

    private static void asApplication(String sql) throws SQLException {
        try (Connection connection = logFixture.postgres.asApplication().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
