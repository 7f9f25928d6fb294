package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.log.Commitment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.stream.Stream;

/**
 * The statement of an account for a month (of UTC): a line for each part of a period, and adjustments for what earlier, closed
 * months lacked.
 *
 * @param closedAt null while it is open: then it is computed anew whenever it is read, and open periods count up to {@code asOf}
 * @param commitment what the log has of it; null while it is open, or was never billed
 * @param currency ISO 4217; null as long as there are no prices
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Statement(
        String account,
        YearMonth month,
        Status status,
        Instant asOf,
        Instant closedAt,
        String currency,
        List<StatementLine> lines,
        List<StatementLine> adjustments,
        @JsonIgnore Commitment commitment) {

    public enum Status {
        /** It changes as time goes on and as events come in. */
        @JsonProperty("open")
        OPEN,
        /** It is billed, and never changes. */
        @JsonProperty("closed")
        CLOSED
    }

    public Statement {
        lines = List.copyOf(lines);
        adjustments = List.copyOf(adjustments);
    }

    /** Of all resources, adjustments included; not of the volumes that they held in that time. */
    @JsonProperty
    public long microseconds() {
        return all().filter(it -> it.volumeGiB() == null)
                .mapToLong(StatementLine::microseconds)
                .sum();
    }

    /** How many lines have no price. As long as there is one, the statement has no total and is not closed. */
    @JsonProperty
    public long unpriced() {
        return all().filter(StatementLine::unpriced).count();
    }

    /** To the cent, rounded once from the exact sum; null when it cannot be said. */
    @JsonProperty
    @JsonFormat(shape = Shape.STRING)
    public BigDecimal total() {
        return currency == null ? null : StatementRounding.total(all().toList());
    }

    /** The sums of each cell, adjustments included, rounded so that they add up to the total. */
    @JsonProperty
    public List<Cell> cells() {
        return rounding().cells();
    }

    /** The lines with their shares of the cells' amounts. */
    public List<BilledLine> billedLines() {
        return rounding().billed().subList(0, lines.size());
    }

    public List<BilledLine> billedAdjustments() {
        return rounding().billed().subList(lines.size(), lines.size() + adjustments.size());
    }

    /**
     * @param state null for volumes
     * @param microseconds of volumes times their GiB, as hours are
     * @param hours to six decimals
     * @param amount to the cent; null when a line of it has no price
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cell(
            Product.Type product,
            String region,
            String size,
            State state,
            BigInteger microseconds,
            @JsonFormat(shape = Shape.STRING) BigDecimal hours,
            @JsonFormat(shape = Shape.STRING) BigDecimal amount) {}

    /**
     * A statement in a list.
     *
     * @param total null while it is open
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            YearMonth month,
            Status status,
            Instant closedAt,
            String currency,
            @JsonFormat(shape = Shape.STRING) BigDecimal total) {}

    private Stream<StatementLine> all() {
        return Stream.concat(lines.stream(), adjustments.stream());
    }

    private StatementRounding rounding() {
        return new StatementRounding(all().toList());
    }
}
