package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.BooksAudit.Difference;
import dev.anchorhold.ledger.log.Commitment;
import dev.anchorhold.ledger.log.Commitments;
import dev.anchorhold.ledger.log.DamagedLog;
import dev.anchorhold.ledger.log.SignedTree;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import java.sql.SQLException;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares all that is billed, closed statements with their lines and versions of the prices, with what the log commits to. A
 * commitment counts only as a leaf of the tree that the log's newest checkpoint signs: its row may have been changed with what it
 * is to.
 */
final class CommitmentsAudit {
    private final Transaction transaction;
    private final SignedTree tree;

    private CommitmentsAudit(Transaction transaction) throws SQLException {
        this.transaction = transaction;
        this.tree = SignedTree.newest(transaction);
    }

    /** Of one state: what is closed meanwhile is for the next time. */
    static void compare(Database database, Differences found) {
        database.transaction(it -> {
            asOfNow(it);
            compare(it, found);
            return null;
        });
    }

    /** An account at a time: all together they can be more than a companion has memory for. */
    static void compare(Transaction it, Differences found) throws SQLException {
        CommitmentsAudit audit;
        try {
            audit = new CommitmentsAudit(it);
        } catch (DamagedLog e) {
            found.add(new Difference(
                    "the log",
                    "the newest checkpoint",
                    Optional.of("damaged (%s)".formatted(e.getMessage())),
                    Optional.of("as it was signed")));
            return;
        }
        audit.prices().forEach(found::add);
        List<String> accounts = it.all(row -> row.text("account"), """
                SELECT account FROM ledger.statement UNION SELECT account FROM ledger.commitment WHERE kind = 'Statement'
                ORDER BY account
                """);
        for (String account : accounts) {
            audit.statements(account).forEach(found::add);
        }
    }

    /**
     * Of the prices alone: few, so that nothing is billed by prices that somebody changed.
     *
     * @throws DamagedLog if nothing can be said
     */
    static List<Difference> prices(Database database) {
        return database.transaction(it -> {
            asOfNow(it);
            return new CommitmentsAudit(it).prices();
        });
    }

    /** All that the transaction reads is of one instant. */
    static void asOfNow(Transaction it) throws SQLException {
        it.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    }

    private List<Difference> statements(String account) throws SQLException {
        Map<String, Commitment> committed = byName(Commitments.statements(transaction, account));
        List<Difference> all = new ArrayList<>();
        List<String> months = transaction.all(
                row -> row.text("month").substring(0, 7),
                "SELECT month FROM ledger.statement WHERE account = ? ORDER BY month",
                account);
        for (String month : months) {
            byte[] stored = CommittedForm.digest(new AccountStatements(transaction, account)
                    .stored(YearMonth.parse(month))
                    .orElseThrow());
            compare("statement of " + month, account, stored, committed.remove(month))
                    .ifPresent(all::add);
        }
        committed.forEach((month, commitment) -> all.add(missing("statement of " + month, account, commitment)));
        return all;
    }

    private List<Difference> prices() throws SQLException {
        Map<String, Commitment> committed = byName(Commitments.prices(transaction));
        List<Difference> all = new ArrayList<>();
        for (PriceList list : Prices.known(transaction)) {
            String version = "" + list.version();
            compare("version " + version, "the prices", CommittedForm.digest(list), committed.remove(version))
                    .ifPresent(all::add);
        }
        committed.forEach((version, commitment) -> all.add(missing("version " + version, "the prices", commitment)));
        return all;
    }

    private static Map<String, Commitment> byName(List<Commitment> all) {
        Map<String, Commitment> byName = new HashMap<>();
        all.forEach(it -> byName.put(it.name(), it));
        return byName;
    }

    private Optional<Difference> compare(String item, String of, byte[] stored, Commitment committed) {
        if (committed == null) {
            return Optional.of(new Difference(of, item, Optional.of(hex(stored)), Optional.empty()));
        }
        return Arrays.equals(stored, committed.digest()) && tree.has(committed)
                ? Optional.empty()
                : Optional.of(new Difference(of, item, Optional.of(hex(stored)), Optional.of(described(committed))));
    }

    private Difference missing(String item, String of, Commitment committed) {
        return new Difference(of, item, Optional.empty(), Optional.of(described(committed)));
    }

    private String described(Commitment it) {
        return "%s (entry %d of the log%s)"
                .formatted(hex(it.digest()), it.index(), tree.has(it) ? "" : ", which is not as it was signed");
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
