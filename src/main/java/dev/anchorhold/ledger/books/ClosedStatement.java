package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.Statement.Status;
import dev.anchorhold.ledger.log.Commitment;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.util.List;

/**
 * A statement as it was billed and stored.
 *
 * @param total as it is stored
 * @param lines in their order, adjustments last
 */
record ClosedStatement(
        String account,
        YearMonth month,
        Instant closedAt,
        String currency,
        BigDecimal total,
        List<StatementLine> lines) {

    /** @param commitment null when the log has none to it */
    Statement read(Instant now, Commitment commitment) {
        return new Statement(
                account,
                month,
                Status.CLOSED,
                now,
                closedAt,
                currency,
                lines.stream().filter(line -> line.forMonth().equals(month)).toList(),
                lines.stream().filter(line -> !line.forMonth().equals(month)).toList(),
                commitment);
    }
}
