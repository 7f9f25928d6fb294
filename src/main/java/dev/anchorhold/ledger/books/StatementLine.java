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
 * A line of a statement: a part of one period, within one month and one version of the prices; of the resource itself, or of the
 * volumes that it held.
 *
 * @param forMonth whose time it is: the statement's own, or an earlier month in an adjustment
 * @param period the period's {@code openedBy}
 * @param from its begin
 * @param to its end
 * @param microseconds what is billed; in an adjustment what is billed more than before, or (negative) less
 * @param volumeGiB of the volumes that it held, when the line is of these; else null
 * @param priceVersion null when no version of the prices has this cell: then the line is not free, but cannot be billed yet
 * @param unitPrice currency per hour, and per GiB for volumes; null without a price
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
        Integer volumeGiB,
        Integer priceVersion,
        @JsonFormat(shape = Shape.STRING) BigDecimal unitPrice,
        String stripePrice) {

    /** Price times time, to six decimals, to be checked: what falls on the line of the total is in {@link BilledLine}. */
    @JsonProperty
    @JsonFormat(shape = Shape.STRING)
    public BigDecimal unroundedAmount() {
        return unitPrice == null ? null : Money.display(exact());
    }

    boolean unpriced() {
        return unitPrice == null;
    }

    Product product() {
        return volumeGiB == null ? Product.of(subject, state) : Product.volume(subject.region());
    }

    /** What is multiplied by the price: microseconds, or GiB times microseconds. */
    BigInteger quantity() {
        return BigInteger.valueOf(microseconds).multiply(BigInteger.valueOf(volumeGiB == null ? 1 : volumeGiB));
    }

    BigInteger exact() {
        return Money.exact(unitPrice, quantity());
    }
}
