package dev.anchorhold.ledger.books;

import dev.anchorhold.platform.InvalidField;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Which usage.
 *
 * @param from the first day
 * @param to the day after the last one; at most {@link #MOST_DAYS} later
 * @param zone whose days are meant; UTC's are what the books keep, others are a view
 */
public record UsageQuery(
        LocalDate from, LocalDate to, By by, ZoneId zone, Optional<String> account, Optional<String> resource) {
    public static final int MOST_DAYS = 3 * 366;

    /** What a line is of; always of one state too. */
    public enum By {
        DAY,
        RESOURCE,
        ACCOUNT
    }

    public UsageQuery {
        InvalidField.unless(from.isBefore(to), "to", "must be after from");
        InvalidField.unless(
                ChronoUnit.DAYS.between(from, to) <= MOST_DAYS, "to", "may be %d days after from".formatted(MOST_DAYS));
    }

    public UsageQuery(LocalDate from, LocalDate to, By by) {
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
