package dev.anchorhold.world;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/** A database for companions, with the two users that the product wants: one owns the schema, one works with it. */
public record CompanionDatabase(String url) {
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final String OWNER = "anchorhold-owner";
    private static final String APPLICATION = "anchorhold";

    /** Creates the database and its users unless they exist. */
    public static CompanionDatabase in(Postgres postgres, String name) {
        try (Connection connection = postgres.database().getConnection();
                Statement statement = connection.createStatement()) {
            for (String user : new String[] {OWNER, APPLICATION}) {
                if (isMissing(statement, "pg_roles WHERE rolname = '" + user + "'")) {
                    statement.execute("CREATE ROLE \"" + user + "\" LOGIN");
                }
            }
            if (isMissing(statement, "pg_database WHERE datname = '" + name + "'")) {
                statement.execute("CREATE DATABASE \"" + name + "\" OWNER \"" + OWNER + "\"");
            }
            return new CompanionDatabase(postgres.jdbcUrl().replace("/postgres?", "/" + name + "?"));
        } catch (SQLException e) {
            throw new WorldFailure("The companion's database could not be made: " + e.getMessage(), e);
        }
    }

    /** Creates one for a test, on the {@linkplain Postgres#shared() shared} server, with the schema in it. */
    public static CompanionDatabase fresh() {
        String name = "books-" + NEXT.incrementAndGet();
        try (Connection connection = Postgres.shared().database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE DATABASE \"%s\" OWNER \"%s\" TEMPLATE \"%s\"".formatted(name, OWNER, Migrated.TEMPLATE));
        } catch (SQLException e) {
            throw new WorldFailure("The companion's database could not be made: " + e.getMessage(), e);
        }
        return in(Postgres.shared(), name);
    }

    /** The template that is migrated once, and copied for each test: which takes a tenth of the time. */
    private static final class Migrated {
        private static final String TEMPLATE = template();

        private static String template() {
            in(Postgres.shared(), "books-migrated").migrate();
            return "books-migrated";
        }
    }

    /** Brings the schema up to date, as a companion's start does. */
    public void migrate() {
        migrate("latest");
    }

    /** The same, as far as a version. */
    public void migrate(String target) {
        Flyway.configure()
                .dataSource(asOwner())
                .placeholders(Map.of("application", APPLICATION))
                .target(target)
                .load()
                .migrate();
    }

    private static boolean isMissing(Statement statement, String what) throws SQLException {
        return !statement.executeQuery("SELECT FROM " + what).next();
    }

    /** The environment by which a companion finds it. */
    public Map<String, String> environment() {
        return Map.of(
                "ANCHORHOLD_DATABASE_URL", url.replaceAll("[?].*", ""),
                "ANCHORHOLD_DATABASE_USERNAME", APPLICATION,
                "ANCHORHOLD_DATABASE_OWNER_USERNAME", OWNER);
    }

    /** The same, reached through a proxy at this port. */
    public CompanionDatabase through(int port) {
        return new CompanionDatabase(url.replaceFirst(":\\d+/", ":" + port + "/"));
    }

    public DataSource asApplication() {
        return as(APPLICATION);
    }

    public DataSource asOwner() {
        return as(OWNER);
    }

    private DataSource as(String user) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url.replaceAll("[?].*", ""));
        source.setUser(user);
        return source;
    }
}
