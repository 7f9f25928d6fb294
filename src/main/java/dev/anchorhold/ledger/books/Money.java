package dev.anchorhold.ledger.books;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Exact arithmetic of charges: billionths of the currency per hour, times microseconds (and GiB, for volumes). Products and sums of these are whole
 * numbers and exact; only what is shown or billed is divided and rounded, each number once.
 */
final class Money {
    static final int PRICE_DIGITS = 9;

    static final int CENTS = 2;
    static final int DISPLAY_DECIMALS = 6;

    private static final BigDecimal MICROSECONDS_PER_HOUR = BigDecimal.valueOf(3_600_000_000L);
    private static final BigDecimal UNITS = MICROSECONDS_PER_HOUR.movePointRight(PRICE_DIGITS);
    /** How many of the exact unit are a cent; and how many microseconds are a millionth of an hour. */
    static final BigInteger UNITS_PER_CENT = UNITS.movePointLeft(CENTS).toBigIntegerExact();

    static final BigInteger MICROSECONDS_PER_DISPLAYED =
            MICROSECONDS_PER_HOUR.movePointLeft(DISPLAY_DECIMALS).toBigIntegerExact();

    private Money() {}

    static BigInteger exact(BigDecimal unitPrice, BigInteger quantity) {
        return unitPrice.movePointRight(PRICE_DIGITS).toBigIntegerExact().multiply(quantity);
    }

    /** In whole units; a half to the even one, so that many halves lean to neither side. */
    static BigInteger rounded(BigInteger exact, BigInteger unit) {
        return new BigDecimal(exact)
                .divide(new BigDecimal(unit), 0, RoundingMode.HALF_EVEN)
                .toBigIntegerExact();
    }

    static BigDecimal display(BigInteger exact) {
        return new BigDecimal(exact).divide(UNITS, DISPLAY_DECIMALS, RoundingMode.HALF_EVEN);
    }

    /** As it is stored. */
    static long perHour(BigDecimal unitPrice) {
        return unitPrice.movePointRight(PRICE_DIGITS).longValueExact();
    }

    static BigDecimal unitPrice(long perHour) {
        return plain(BigDecimal.valueOf(perHour, PRICE_DIGITS));
    }

    /** Without needless zeros, and never in powers of ten: equal prices are equal, and read as people write them. */
    static BigDecimal plain(BigDecimal price) {
        BigDecimal stripped = price.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
