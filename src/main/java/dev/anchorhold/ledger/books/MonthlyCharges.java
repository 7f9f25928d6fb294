package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.PriceList.Price;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes a month's statement lines and adjustments (a month of UTC) from periods and prices. No I/O and no clock. */
record MonthlyCharges(YearMonth month, List<PriceList> prices) {

    static Instant begin(YearMonth month) {
        return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    static Instant end(YearMonth month) {
        return begin(month.plusMonths(1));
    }

    /**
     * A line for each part of a period within the month, cut where another version of the prices begins, and one for the volumes
     * that it held; in the order of the log.
     *
     * @param now until when open periods count
     */
    List<StatementLine> lines(List<Period> periods, Instant now) {
        List<StatementLine> lines = new ArrayList<>();
        for (Period period : periods) {
            Instant end = earlier(period.endAt(now), end(month));
            for (Instant from = later(period.startedAt(), begin(month)); from.isBefore(end); ) {
                PriceList list = at(from);
                Instant to = earlier(end, nextAfter(from));
                lines.add(line(period, null, from, to, list));
                if (period.volumeGiB() != null && period.volumeGiB() > 0) {
                    lines.add(line(period, period.volumeGiB(), from, to, list));
                }
                from = to;
            }
        }
        return lines;
    }

    /** The version that applies at the instant; null before the first. */
    private PriceList at(Instant instant) {
        return prices.stream()
                .filter(it -> !it.begin().isAfter(instant))
                .reduce((_, later) -> later)
                .orElse(null);
    }

    private Instant nextAfter(Instant instant) {
        return prices.stream()
                .map(PriceList::begin)
                .filter(it -> it.isAfter(instant))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    private StatementLine line(Period period, Integer volumeGiB, Instant from, Instant to, PriceList list) {
        Product product = volumeGiB == null
                ? Product.of(period.subject(), period.state())
                : Product.volume(period.subject().region());
        Price price = list == null ? null : list.prices().get(product);
        return new StatementLine(
                month,
                period.openedBy(),
                period.subject(),
                period.state(),
                from,
                to,
                UtcDays.microseconds(from, to),
                volumeGiB,
                price == null ? null : list.version(),
                price == null ? null : price.perHour(),
                price == null ? null : price.stripePrice());
    }

    /** What has one price within one period. A version that only adds prices makes no difference to what is billed. */
    private record Key(long period, Integer volumeGiB, BigDecimal unitPrice) {
        static Key of(StatementLine line) {
            return new Key(line.period(), line.volumeGiB(), line.unitPrice());
        }
    }

    /**
     * What this month lacks, or was billed too much.
     *
     * @param current its lines as they are now
     * @param billed all lines of this month in closed statements, whichever these are
     */
    List<StatementLine> adjustments(List<StatementLine> current, List<StatementLine> billed) {
        Map<Key, StatementLine> lines = new LinkedHashMap<>();
        Map<Key, Long> missing = new HashMap<>();
        for (StatementLine it : current) {
            lines.merge(Key.of(it), it, MonthlyCharges::merged);
            missing.merge(Key.of(it), it.microseconds(), Long::sum);
        }
        for (StatementLine it : billed) {
            lines.putIfAbsent(Key.of(it), it);
            missing.merge(Key.of(it), -it.microseconds(), Long::sum);
        }
        return lines.entrySet().stream()
                .filter(it -> missing.get(it.getKey()) != 0)
                .map(it -> withLength(it.getValue(), missing.get(it.getKey())))
                .toList();
    }

    /** Parts of one period at one price, as one line. */
    private static StatementLine merged(StatementLine first, StatementLine last) {
        return new StatementLine(
                first.forMonth(),
                first.period(),
                first.subject(),
                first.state(),
                first.from(),
                last.to(),
                first.microseconds() + last.microseconds(),
                first.volumeGiB(),
                first.priceVersion(),
                first.unitPrice(),
                first.stripePrice());
    }

    private static StatementLine withLength(StatementLine line, long microseconds) {
        return new StatementLine(
                line.forMonth(),
                line.period(),
                line.subject(),
                line.state(),
                line.from(),
                line.to(),
                microseconds,
                line.volumeGiB(),
                line.priceVersion(),
                line.unitPrice(),
                line.stripePrice());
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
