package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.AccessScope;
import dev.anchorhold.platform.Database;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Queries of recorded events, in the order of the log: it is the same for all who read, for ever. None beyond the newest
 * checkpoint.
 */
public final class LogEvents {
    private static final String SIGNED = "index < (SELECT max(size) FROM ledger.checkpoint)";

    private final Database database;

    public LogEvents(Database database) {
        this.database = database;
    }

    /**
     * Which events to read.
     *
     * @param account the account whose events they are, unless all in scope; a transfer is both accounts'
     * @param resource a UID
     * @param from those that happened then or later
     * @param to those that happened before
     */
    public record Query(
            Optional<String> account, Optional<String> resource, Optional<Instant> from, Optional<Instant> to) {
        public static Query all() {
            return new Query(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /** The audit events in scope after an index (-1: from the start), the oldest {@code limit} of them. */
    public List<LogEvent> audited(AccessScope scope, Query query, long afterIndex, int limit) {
        return new AuditQuery(scope, query, afterIndex, limit).run(database);
    }

    public Optional<LogEvent> at(long index) {
        return database.transaction(
                it -> it.first(EventTable::event, "SELECT * FROM ledger.event WHERE index = ? AND " + SIGNED, index));
    }

    /** The newest event of a resource. */
    public Optional<LogEvent> newestOf(UUID resource) {
        return database.transaction(it -> it.first(
                EventTable::event,
                "SELECT * FROM ledger.event WHERE resource = ? AND " + SIGNED + " ORDER BY sequence DESC LIMIT 1",
                resource));
    }

    /** All events, audit events or not, from an index on. */
    public List<LogEvent> from(long index, int limit) {
        return database.transaction(it -> it.all(
                EventTable::event,
                "SELECT * FROM ledger.event WHERE index >= ? AND " + SIGNED + " ORDER BY index LIMIT ?",
                index,
                limit));
    }

    /** An SQL text and its values, both grown together. */
    private static final class AuditQuery {
        private final StringBuilder sql = new StringBuilder();
        private final List<Object> values = new ArrayList<>();
        private final Query query;
        private final long after;
        private final int limit;
        private final Optional<List<String>> accounts;

        AuditQuery(AccessScope scope, Query query, long after, int limit) {
            this.query = query;
            this.after = after;
            this.limit = limit;
            this.accounts = query.account()
                    .map(it -> scope.covers(it) ? List.of(it) : List.<String>of())
                    .or(() -> scope.accounts().map(List::copyOf));
        }

        List<LogEvent> run(Database database) {
            if (accounts.isEmpty()) {
                part("TRUE");
            } else {
                perAccount();
            }
            return database.transaction(it -> it.all(EventTable::event, sql.toString(), values.toArray()));
        }

        /** Each account's first events by its own index, then the first of all these: no account's whole past is read. */
        private void perAccount() {
            String[] names = accounts.orElseThrow().toArray(String[]::new);
            sql.append("SELECT * FROM (SELECT e.* FROM unnest(?::text[]) AS a (name) CROSS JOIN LATERAL (");
            values.add(names);
            part("account = a.name");
            sql.append(") AS e UNION ALL SELECT e.* FROM unnest(?::text[]) AS a (name) CROSS JOIN LATERAL (");
            values.add(names);
            part("previous_account = a.name AND account <> ALL (?::text[])", (Object) names);
            sql.append(") AS e) AS both_sides ORDER BY index LIMIT ?");
            values.add(limit);
        }

        private void part(String condition, Object... bound) {
            sql.append("SELECT * FROM ledger.event WHERE ").append(condition);
            values.addAll(List.of(bound));
            sql.append(" AND (kind = 'Agent' OR event IN ('transfer', 'destroy')) AND " + SIGNED + " AND index > ?");
            values.add(after);
            query.resource().ifPresent(it -> and("resource = ?::uuid", it));
            query.from().ifPresent(it -> and("at >= ?", it));
            query.to().ifPresent(it -> and("at < ?", it));
            sql.append(" ORDER BY index LIMIT ?");
            values.add(limit);
        }

        private void and(String condition, Object value) {
            sql.append(" AND ").append(condition);
            values.add(value);
        }
    }
}
