package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.InvalidFieldException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A query of usage: the days, what a line is of, and which account or resource.
 *
 * @param from the first day
 * @param to the day after the last one; at most {@link #MAX_DAYS} later
 * @param zone of the days; UTC's are stored, others are computed from the periods
 */
public record UsageQuery(
        LocalDate from, LocalDate to, GroupBy by, ZoneId zone, Optional<String> account, Optional<String> resource) {
    public static final int MAX_DAYS = 3 * 366;

    /** What a line is of; always of one state too. */
    public enum GroupBy {
        DAY,
        RESOURCE,
        ACCOUNT
    }

    public UsageQuery {
        InvalidFieldException.require(from.isBefore(to), "to", "must be after from");
        InvalidFieldException.require(
                ChronoUnit.DAYS.between(from, to) <= MAX_DAYS, "to", "may be %d days after from".formatted(MAX_DAYS));
    }

    public UsageQuery(LocalDate from, LocalDate to, GroupBy by) {
        this(from, to, by, ZoneOffset.UTC, Optional.empty(), Optional.empty());
    }

    public UsageQuery zone(ZoneId zone) {
        return new UsageQuery(from, to, by, zone, account, resource);
    }

    public UsageQuery account(String account) {
        return new UsageQuery(from, to, by, zone, Optional.of(account), resource);
    }

    public UsageQuery resource(String uid) {
        return new UsageQuery(from, to, by, zone, account, Optional.of(uid));
    }

    boolean utc() {
        return zone.normalized().equals(ZoneOffset.UTC);
    }
}
