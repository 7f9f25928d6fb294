package dev.anchorhold.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.JsonMappers;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.platform.web.RateLimiter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Stores what an authenticated guest sends: its reports, and lines of its log. */
final class ReportIntake {
    private static final Logger GUEST_LOG = Logger.getLogger("dev.anchorhold.guests");
    private static final Set<String> LEVELS = Set.of("DEBUG", "INFO", "WARNING", "ERROR");
    private static final int MAX_LINE_LENGTH = 4000;
    private static final int MAX_LOGGED_LENGTH = 300;
    private static final int MAX_LINES = 200;
    private static final int MAX_STORED_LINES = 2000;
    private static final Duration MAX_AGE = Duration.ofDays(30);

    private final Database database;
    private final CallbackTokens tokens;
    private final RateLimiter lineLimiter;
    private final InstantSource clock;

    /** @param lineLimiter how many lines an agent may have stored and logged; what is more is dropped */
    ReportIntake(Database database, CallbackTokens tokens, RateLimiter lineLimiter, InstantSource clock) {
        this.database = database;
        this.tokens = tokens;
        this.lineLimiter = lineLimiter;
        this.clock = clock;
    }

    /** @return the newest settings' version: a guest that has another one fetches its payload anew */
    long report(String token, GuestReport report) {
        String json = json(report);
        CallbackToken parsed = tokens.parse(token);
        return database.transaction(it -> {
            UUID agent = tokens.agentOf(it, parsed);
            long version = it.first(row -> row.number("settings_version"), """
                UPDATE door.guest SET report = CAST(? AS jsonb), reported_at = ? WHERE agent = ?
                RETURNING settings_version
                """, json, clock.instant(), agent)
                    .orElseThrow(GuestForbiddenException::new);
            GuestFeed.markChanged(it, agent);
            return version;
        });
    }

    /** @param source {@code guest}: its own program; {@code container}: the customer's, stored only where that is shared */
    record LogLine(Instant at, String level, String source, String text) {}

    void log(String token, List<LogLine> lines) {
        CallbackToken parsed = tokens.parse(token);
        database.transaction(it -> {
            UUID agent = tokens.agentOf(it, parsed);
            boolean shared = it.first(
                            row -> row.flag("share_logs"), "SELECT share_logs FROM door.guest WHERE agent = ?", agent)
                    .orElse(false);
            int stored = 0;
            for (LogLine line : lines) {
                boolean container = "container".equals(line.source);
                if (line.text != null
                        && (shared || !container)
                        && stored < MAX_LINES
                        && lineLimiter.tryConsume(agent)) {
                    store(it, agent, container, line);
                    stored++;
                }
            }
            if (stored > 0) {
                deleteOldest(it, agent);
            }
            return null;
        });
    }

    private void store(Transaction it, UUID agent, boolean container, LogLine line) throws SQLException {
        Instant now = clock.instant();
        Instant at = line.at == null || line.at.isBefore(now.minus(MAX_AGE)) || line.at.isAfter(now) ? now : line.at;
        String level = line.level == null ? "" : line.level.toUpperCase(Locale.ROOT);
        String text = Printable.line(line.text, MAX_LINE_LENGTH);
        it.update(
                "INSERT INTO door.log_line (agent, received_at, at, level, source, text) VALUES (?, ?, ?, ?, ?, ?)",
                agent,
                now,
                at,
                LEVELS.contains(level) ? level : "INFO",
                container ? "container" : "guest",
                text);
        if (!container) {
            GUEST_LOG.infof("%s: %s", agent, Printable.line(text, MAX_LOGGED_LENGTH));
        }
    }

    private static void deleteOldest(Transaction it, UUID agent) throws SQLException {
        it.update("""
            DELETE FROM door.log_line WHERE agent = ? AND id <=
                (SELECT id FROM door.log_line WHERE agent = ? ORDER BY id DESC OFFSET ? LIMIT 1)
            """, agent, agent, MAX_STORED_LINES);
    }

    private static String json(GuestReport report) {
        try {
            return JsonMappers.LENIENT.writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report cannot be written"); // the cause would quote it
        }
    }
}
