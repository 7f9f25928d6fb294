package dev.anchorhold.ledger.books;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rounds parts so that they add up to their rounded total, by the largest remainder: each is rounded down, and what is missing to
 * the total goes, one unit each, to those that lost most; of equal ones to the first. The same parts always give the same
 * result, no part differs from its exact value by a whole unit, and one that needs no rounding stays as it is.
 */
final class LargestRemainder {
    private LargestRemainder() {}

    private record Part(int index, BigInteger whole, BigInteger remainder) {
        /** Rounded down also below zero: so a remainder is never negative. */
        static Part of(int index, BigInteger exact, BigInteger unit) {
            BigInteger remainder = exact.mod(unit);
            return new Part(index, exact.subtract(remainder).divide(unit), remainder);
        }
    }

    /**
     * @param parts exact, in any fine unit; any of them may be negative
     * @param unit how many of the fine unit are one of those that are rounded to
     * @param total of all parts, in whole units: their sum, rounded down or up
     * @return each part in whole units, in the same order
     */
    static List<BigInteger> rounded(List<BigInteger> parts, BigInteger unit, BigInteger total) {
        List<Part> each = IntStream.range(0, parts.size())
                .mapToObj(i -> Part.of(i, parts.get(i), unit))
                .toList();
        List<BigInteger> rounded =
                new ArrayList<>(each.stream().map(Part::whole).toList());
        BigInteger missing = total.subtract(rounded.stream().reduce(BigInteger.ZERO, BigInteger::add));
        each.stream()
                .sorted(Comparator.comparing(Part::remainder).reversed().thenComparing(Part::index))
                .limit(missing.intValueExact())
                .forEach(it -> rounded.set(it.index, it.whole.add(BigInteger.ONE)));
        return rounded;
    }
}
