package dev.anchorhold.ledger.books;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/**
 * One version of the prices; it applies until the next one does, and not at all when that begins with it.
 *
 * @param validFrom from midnight UTC on
 */
record PriceList(int version, LocalDate validFrom, String currency, Map<Product, Price> prices) {

    /**
     * @param perHour at most nine decimals
     * @param stripePrice the price's id there; may be null
     */
    record Price(BigDecimal perHour, String stripePrice) {
        Price {
            perHour = Money.plain(perHour);
        }
    }

    PriceList {
        prices = new TreeMap<>(prices);
    }

    Instant begin() {
        return validFrom.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    /** Whether what was billed by the other is billed alike by this one: it has all of its prices, and maybe more. */
    boolean onlyAddsTo(PriceList other) {
        return other.prices.entrySet().stream()
                .allMatch(it -> prices.containsKey(it.getKey())
                        && prices.get(it.getKey())
                                .perHour()
                                .equals(it.getValue().perHour()));
    }
}
