package dev.anchorhold.dashboard;

import dev.anchorhold.ledger.books.BilledLine;
import dev.anchorhold.ledger.books.Period;
import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.ledger.books.StatementLine;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a resource costs its account.
 *
 * @param soFar in the month of the statement; null where something of it has no price
 * @param perHour as it is now, with its volumes; null when it is no longer there, or has no price
 */
record Cost(String soFar, String perHour) {

    /**
     * @param statement of the running month
     * @param last the resource's newest period
     */
    static Cost of(Statement statement, Period last) {
        List<BilledLine> lines = statement.billedLines().stream()
                .filter(it -> it.line().subject().uid().equals(last.subject().uid()))
                .toList();
        if (statement.currency() == null || lines.stream().anyMatch(it -> it.amount() == null)) {
            return new Cost(null, null);
        }
        BigDecimal soFar = lines.stream().map(BilledLine::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
        return new Cost(text(statement, soFar), last.endedAt() == null ? perHour(statement, lines, last) : null);
    }

    private static String perHour(Statement statement, List<BilledLine> lines, Period last) {
        List<StatementLine> ofPeriod = lines.stream()
                .map(BilledLine::line)
                .filter(it -> it.period() == last.openedBy())
                .toList();
        Optional<Instant> now = ofPeriod.stream().map(StatementLine::to).max(Comparator.naturalOrder());
        return now.map(it -> text(
                        statement,
                        ofPeriod.stream()
                                .filter(line -> line.to().equals(it))
                                .map(Cost::unitPrice)
                                .reduce(BigDecimal.ZERO, BigDecimal::add)
                                .stripTrailingZeros()))
                .orElse(null);
    }

    private static BigDecimal unitPrice(StatementLine it) {
        return it.volumeGiB() == null ? it.unitPrice() : it.unitPrice().multiply(BigDecimal.valueOf(it.volumeGiB()));
    }

    private static String text(Statement statement, BigDecimal amount) {
        return statement.currency() + " " + amount.toPlainString();
    }
}
