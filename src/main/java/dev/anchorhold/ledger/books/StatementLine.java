package dev.anchorhold.ledger.books;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.YearMonth;

/**
 * A line of a statement: a part of one period, within one month and one version of the prices.
 *
 * @param forMonth whose time it is: the statement's own, or an earlier month in an adjustment
 * @param period the period's {@code openedBy}
 * @param from its begin
 * @param to its end
 * @param microseconds what is billed; in an adjustment what is billed more than before, or (negative) less
 * @param priceVersion null when no version of the prices has this cell: then the line is not free, but cannot be billed yet
 * @param unitPrice currency per hour; null without a price
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StatementLine(
        YearMonth forMonth,
        long period,
        Subject subject,
        State state,
        Instant from,
        Instant to,
        long microseconds,
        Integer priceVersion,
        @JsonFormat(shape = Shape.STRING) BigDecimal unitPrice,
        String stripePrice) {

    /** For people: rounded to six decimals. */
    @JsonProperty
    @JsonFormat(shape = Shape.STRING)
    public BigDecimal hours() {
        return Money.hours(microseconds);
    }

    /** For people: rounded to six decimals, and never summed; null without a price. */
    @JsonProperty
    @JsonFormat(shape = Shape.STRING)
    public BigDecimal amount() {
        return unitPrice == null ? null : Money.display(exact());
    }

    boolean unpriced() {
        return unitPrice == null;
    }

    BigInteger exact() {
        return Money.exact(unitPrice, microseconds);
    }
}
