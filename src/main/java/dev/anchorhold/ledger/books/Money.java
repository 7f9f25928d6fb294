package dev.anchorhold.ledger.books;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Exact arithmetic of charges: billionths of the currency per hour, times microseconds. Products and sums of these are whole
 * numbers and exact; only what is shown or billed is divided and rounded, each number once.
 */
final class Money {
    static final int PRICE_DIGITS = 9;

    private static final BigDecimal MICROSECONDS_PER_HOUR = BigDecimal.valueOf(3_600_000_000L);
    private static final BigDecimal UNITS = MICROSECONDS_PER_HOUR.movePointRight(PRICE_DIGITS);
    private static final int CENTS = 2;
    private static final int DISPLAY_DECIMALS = 6;

    private Money() {}

    static BigInteger exact(BigDecimal unitPrice, long microseconds) {
        return unitPrice.movePointRight(PRICE_DIGITS).toBigIntegerExact().multiply(BigInteger.valueOf(microseconds));
    }

    /** To the cent; a half to the even one, so that many halves lean to neither side. */
    static BigDecimal billed(BigInteger exact) {
        return new BigDecimal(exact).divide(UNITS, CENTS, RoundingMode.HALF_EVEN);
    }

    static BigDecimal display(BigInteger exact) {
        return new BigDecimal(exact).divide(UNITS, DISPLAY_DECIMALS, RoundingMode.HALF_EVEN);
    }

    static BigDecimal hours(long microseconds) {
        return BigDecimal.valueOf(microseconds).divide(MICROSECONDS_PER_HOUR, DISPLAY_DECIMALS, RoundingMode.HALF_EVEN);
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
