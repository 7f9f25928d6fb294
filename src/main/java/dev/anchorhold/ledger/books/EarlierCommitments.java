package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.log.Commitment.Content;
import dev.anchorhold.ledger.log.Commitment.Type;
import dev.anchorhold.ledger.log.SignedTree;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;

/**
 * Commits to what was billed before the log had commitments, once: as long as no leaf of its signed tree is one. Whatever appears
 * later without a commitment was put there by somebody else, and is for the audit to find.
 */
final class EarlierCommitments {
    private final Database database;
    private final TransparencyLog log;

    EarlierCommitments(Database database, TransparencyLog log) {
        this.database = database;
        this.log = log;
    }

    /**
     * @return how many
     * @throws IllegalStateException when there were commitments, and somebody deleted them: what they were to may have been changed
     */
    int commit() {
        if (!database.transaction(EarlierCommitments::due)) {
            return 0;
        }
        // Before anything is locked, since it takes as long as the log is.
        CompactRange events = database.transaction(it -> SignedTree.newest(it).events(CompactRange.EMPTY));
        return database.transaction(it -> commit(it, events));
    }

    private int commit(Transaction it, CompactRange events) throws SQLException {
        BooksProgress.lock(it);
        if (!due(it)) {
            return 0;
        }
        // That the table is empty says little: whoever changes prices can empty it too, and fill its places with
        // events.
        SignedTree tree = SignedTree.newest(it);
        if (!tree.is(tree.events(events))) {
            throw new IllegalStateException(
                    "the log's entries are not all events, and its commitments are gone: nothing is"
                            + " committed to again. Verify the log (docs/verify-log.md)");
        }
        List<Content> contents = new ArrayList<>();
        Prices.known(it).forEach(list -> contents.add(Prices.content(list)));
        record Closed(String account, YearMonth month) {}
        List<Closed> statements = it.all(
                row -> new Closed(
                        row.text("account"), YearMonth.parse(row.text("month").substring(0, 7))),
                "SELECT account, month FROM ledger.statement ORDER BY account, month");
        for (Closed closed : statements) {
            ClosedStatement statement = new AccountStatements(it, closed.account)
                    .stored(closed.month)
                    .orElseThrow();
            contents.add(new Content(
                    Type.Statement, closed.account, closed.month.toString(), CommittedForm.digest(statement)));
        }
        return log.commit(it, contents).size();
    }

    private static boolean due(Transaction it) throws SQLException {
        return it.first(row -> row.flag("due"), """
                SELECT NOT EXISTS (SELECT FROM ledger.commitment)
                    AND (EXISTS (SELECT FROM ledger.price_list) OR EXISTS (SELECT FROM ledger.statement)) AS due
                """).orElseThrow();
    }
}
