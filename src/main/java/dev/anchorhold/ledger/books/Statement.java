package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The statement of an account for a month (of UTC): a line for each part of a period, and adjustments for what earlier, closed
 * months lacked.
 *
 * @param closedAt null while it is open: then it is computed anew whenever it is read, and open periods count up to {@code asOf}
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
        List<StatementLine> adjustments) {

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

    /** Of all lines and adjustments. */
    @JsonProperty
    public long microseconds() {
        return all().mapToLong(StatementLine::microseconds).sum();
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
        return currency == null ? null : billed(all().toList());
    }

    /** The sums of each cell, adjustments included. Each is rounded by itself, so they may differ from the total by some cents. */
    @JsonProperty
    public List<Cell> cells() {
        return all()
                .collect(Collectors.groupingBy(
                        it -> new Product(
                                it.subject().kind(),
                                it.subject().region(),
                                it.subject().size(),
                                it.state()),
                        TreeMap::new,
                        Collectors.toList()))
                .entrySet()
                .stream()
                .map(it -> new Cell(
                        it.getKey().product(),
                        it.getKey().region(),
                        it.getKey().size(),
                        it.getKey().state(),
                        it.getValue().stream()
                                .mapToLong(StatementLine::microseconds)
                                .sum(),
                        billed(it.getValue())))
                .toList();
    }

    /** @param amount to the cent; null when a line of it has no price */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cell(
            Kind product,
            String region,
            String size,
            State state,
            long microseconds,
            @JsonFormat(shape = Shape.STRING) BigDecimal amount) {

        @JsonProperty
        @JsonFormat(shape = Shape.STRING)
        public BigDecimal hours() {
            return Money.hours(microseconds);
        }
    }

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

    private static BigDecimal billed(List<StatementLine> lines) {
        return lines.stream().anyMatch(StatementLine::unpriced)
                ? null
                : Money.billed(lines.stream().map(StatementLine::exact).reduce(BigInteger.ZERO, BigInteger::add));
    }
}
