package dev.anchorhold.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.door.message.Report;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.platform.Wire;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/** What a guest that is in has to say: its reports, and lines of its log. */
final class Reception {
    private static final Logger GUESTS = Logger.getLogger("dev.anchorhold.guests");
    private static final Set<String> LEVELS = Set.of("DEBUG", "INFO", "WARNING", "ERROR");
    private static final int LONGEST_LINE = 4000;
    private static final int LONGEST_IN_OUR_LOG = 300;
    private static final int MOST_LINES_AT_ONCE = 200;
    private static final int LINES_KEPT_PER_AGENT = 2000;
    private static final Duration OLDEST = Duration.ofDays(30);

    private final Database database;
    private final Entrance entrance;
    private final Attempts lines;
    private final InstantSource clock;

    /** @param lines how many lines an agent may have stored and logged; what is more is dropped */
    Reception(Database database, Entrance entrance, Attempts lines, InstantSource clock) {
        this.database = database;
        this.entrance = entrance;
        this.lines = lines;
        this.clock = clock;
    }

    /** @return the newest settings' version: a guest that has another one fetches its payload anew */
    long report(String token, Report report) {
        String json = json(report);
        return database.transaction(it -> {
            UUID agent = entrance.whose(it, token);
            long version = it.first(row -> row.number("settings_version"), """
                UPDATE door.guest SET report = CAST(? AS jsonb), reported_at = ? WHERE agent = ?
                RETURNING settings_version
                """, json, clock.instant(), agent)
                    .orElseThrow(Refused::new);
            Feed.changed(it, agent);
            return version;
        });
    }

    /** @param source {@code guest}: its own program; {@code container}: the customer's, kept only where that is shared */
    record Line(Instant at, String level, String source, String text) {}

    void log(String token, List<Line> sent) {
        database.transaction(it -> {
            UUID agent = entrance.whose(it, token);
            boolean shared = it.first(
                            row -> row.flag("share_logs"), "SELECT share_logs FROM door.guest WHERE agent = ?", agent)
                    .orElse(false);
            int kept = 0;
            for (Line line : sent) {
                boolean container = "container".equals(line.source);
                if (line.text != null && (shared || !container) && kept < MOST_LINES_AT_ONCE && lines.mayGoOn(agent)) {
                    keep(it, agent, container, line);
                    kept++;
                }
            }
            if (kept > 0) {
                forgetOldest(it, agent);
            }
            return null;
        });
    }

    private void keep(Transaction it, UUID agent, boolean container, Line line) throws SQLException {
        Instant now = clock.instant();
        Instant at = line.at == null || line.at.isBefore(now.minus(OLDEST)) || line.at.isAfter(now) ? now : line.at;
        String level = line.level == null ? "" : line.level.toUpperCase(Locale.ROOT);
        String text = Printable.line(line.text, LONGEST_LINE);
        it.update(
                "INSERT INTO door.log_line (agent, received_at, at, level, source, text) VALUES (?, ?, ?, ?, ?, ?)",
                agent,
                now,
                at,
                LEVELS.contains(level) ? level : "INFO",
                container ? "container" : "guest",
                text);
        if (!container) {
            GUESTS.infof("%s: %s", agent, Printable.line(text, LONGEST_IN_OUR_LOG));
        }
    }

    private static void forgetOldest(Transaction it, UUID agent) throws SQLException {
        it.update("""
            DELETE FROM door.log_line WHERE agent = ? AND id <=
                (SELECT id FROM door.log_line WHERE agent = ? ORDER BY id DESC OFFSET ? LIMIT 1)
            """, agent, agent, LINES_KEPT_PER_AGENT);
    }

    private static String json(Report report) {
        try {
            return Wire.LENIENT.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report cannot be written"); // the cause would quote it
        }
    }
}
