package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.PriceFile.InvalidPricesException;
import dev.anchorhold.ledger.books.PriceList.Price;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.log.Commitment.Content;
import dev.anchorhold.ledger.log.Commitment.Type;
import dev.anchorhold.ledger.log.TransparencyLog;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Row;
import dev.anchorhold.platform.Database.Transaction;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Loads, stores and reads the versions of the price list. A version that is known never changes. A file may end earlier than
 * what is known, as one of a release before does.
 */
public final class Prices {
    private static final String ANY_STATE = "Any";

    private final Database database;
    private final TransparencyLog log;

    /** @param log commits to each version */
    public Prices(Database database, TransparencyLog log) {
        this.database = database;
        this.log = log;
    }

    /**
     * Takes the file's new versions. Several companions may do so at once.
     *
     * @return how many were new
     * @throws IllegalArgumentException says what in the file is wrong, or contradicts what is known or billed
     * @throws Database.Unavailable when it is not known to be done
     */
    public int load(Path file, Instant now) {
        return load(PriceFile.read(file), now);
    }

    int load(List<PriceList> versions, Instant now) {
        return database.transaction(it -> {
            BooksProgress.lock(it);
            List<PriceList> known = known(it);
            for (int i = 0; i < Math.min(known.size(), versions.size()); i++) {
                PriceList before = known.get(i);
                if (!before.equals(versions.get(i))) {
                    throw new InvalidPricesException(
                            name(before), "is known with other content; a version never changes: add another");
                }
            }
            List<PriceList> more =
                    versions.size() <= known.size() ? List.of() : versions.subList(known.size(), versions.size());
            Optional<PriceList> before = known.isEmpty() ? Optional.empty() : Optional.of(known.getLast());
            for (PriceList version : more) {
                check(it, before, version);
                insert(it, version, now);
                log.commit(it, List.of(content(version)));
                before = Optional.of(version);
            }
            return more.size();
        });
    }

    /** What is billed stays billed: no new price for a time that is closed, save for what had none. */
    private static void check(Transaction it, Optional<PriceList> before, PriceList version) throws SQLException {
        if (before.isPresent()) {
            if (!before.get().currency().equals(version.currency())) {
                throw new InvalidPricesException(
                        "currency", "must stay " + before.get().currency());
            }
            Optional<YearMonth> closed = it.first(
                    row -> YearMonth.parse(row.text("month").substring(0, 7)),
                    "SELECT month FROM ledger.statement ORDER BY month DESC LIMIT 1");
            if (closed.isPresent()
                    && !version.validFrom().isAfter(closed.get().atEndOfMonth())
                    && !version.onlyAddsTo(before.get())) {
                throw new InvalidPricesException(
                        name(version),
                        "changes prices in a month that is billed (%s): it may only add to those of the version before"
                                .formatted(closed.get()));
            }
        }
    }

    private static String name(PriceList version) {
        return "version %d of the prices".formatted(version.version());
    }

    /** What the log commits to. */
    static Content content(PriceList version) {
        return new Content(Type.PriceList, null, "" + version.version(), CommittedForm.digest(version));
    }

    private record PriceRow(
            Product.Type product, String region, String size, String state, long perHour, String stripePrice) {}

    private static void insert(Transaction it, PriceList list, Instant now) throws SQLException {
        it.update(
                "INSERT INTO ledger.price_list (version, valid_from, currency, loaded_at) VALUES (?, ?::date, ?, ?)",
                list.version(),
                list.validFrom().toString(),
                list.currency(),
                now);
        List<PriceRow> prices = new ArrayList<>();
        list.prices()
                .forEach((product, price) -> prices.add(new PriceRow(
                        product.product(),
                        product.region(),
                        product.size(),
                        product.state() == null ? ANY_STATE : product.state().name(),
                        Money.perHour(price.perHour()),
                        price.stripePrice())));
        it.update("""
                INSERT INTO ledger.price (version, product, region, size, state, per_hour, stripe_price)
                SELECT ?, x.* FROM json_to_recordset(?::json) AS x(product text, region text, size text, state text,
                    "perHour" bigint, "stripePrice" text)
                """, list.version(), RowMapping.json(prices));
    }

    /** By version; none begins before the one before it. */
    static List<PriceList> known(Transaction it) throws SQLException {
        Map<Integer, Map<Product, Price>> prices = new TreeMap<>();
        it.all(
                row -> prices.computeIfAbsent((int) row.number("version"), _ -> new TreeMap<>())
                        .put(product(row), price(row)),
                "SELECT * FROM ledger.price");
        return it.all(
                row -> new PriceList(
                        (int) row.number("version"),
                        LocalDate.parse(row.text("valid_from")),
                        row.text("currency"),
                        prices.get((int) row.number("version"))),
                "SELECT * FROM ledger.price_list WHERE version = ANY (?) ORDER BY version",
                (Object) prices.keySet().toArray(Integer[]::new));
    }

    private static Product product(Row row) throws SQLException {
        String state = row.text("state");
        return new Product(
                Product.Type.valueOf(row.text("product")),
                row.text("region"),
                row.text("size"),
                state.equals(ANY_STATE) ? null : State.valueOf(state));
    }

    private static Price price(Row row) throws SQLException {
        return new Price(Money.unitPrice(row.number("per_hour")), row.text("stripe_price"));
    }
}
