package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.PriceList.Price;
import dev.anchorhold.ledger.log.CanonicalEvent;
import dev.anchorhold.ledger.log.CanonicalJson;
import dev.anchorhold.platform.OpaqueTokens;
import java.io.ByteArrayOutputStream;

/**
 * Serialises what is billed to its canonical form, to whose digest the log commits (docs/log.md): a canonical JSON object for the
 * whole and one for each part, each on a line. The verifier makes the same from a statement's JSON, by code of its own.
 */
final class CommittedForm {
    /** Counts up when the form changes; what has an older one stays as it is. */
    private static final int VERSION = 1;

    private final ByteArrayOutputStream form = new ByteArrayOutputStream();

    private CommittedForm() {}

    static byte[] digest(ClosedStatement statement) {
        CommittedForm form = new CommittedForm()
                .with(new CanonicalJson()
                        .text("account", statement.account())
                        .text("closedAt", CanonicalEvent.instant(statement.closedAt()))
                        .text("currency", statement.currency())
                        .text("kind", "Statement")
                        .number("lines", statement.lines().size())
                        .text("month", statement.month().toString())
                        .number(
                                "totalCents",
                                statement.total().movePointRight(Money.CENTS).longValueExact())
                        .number("v", VERSION));
        statement.lines().forEach(it -> form.with(line(it)));
        return form.digest();
    }

    private static CanonicalJson line(StatementLine it) {
        return new CanonicalJson()
                .text("forMonth", it.forMonth().toString())
                .text("from", CanonicalEvent.instant(it.from()))
                .text("kind", it.subject().kind().name())
                .number("microseconds", it.microseconds())
                .text("name", it.subject().name())
                .text("namespace", it.subject().namespace())
                .number("perHour", Money.perHour(it.unitPrice()))
                .number("period", it.period())
                .number("priceVersion", it.priceVersion())
                .text("region", it.subject().region())
                .text("resource", it.subject().uid())
                .text("size", it.subject().size())
                .text("state", it.state().name())
                .text("stripePrice", it.stripePrice())
                .text("to", CanonicalEvent.instant(it.to()))
                .number("volumeGiB", it.volumeGiB());
    }

    static byte[] digest(PriceList list) {
        CommittedForm form = new CommittedForm()
                .with(new CanonicalJson()
                        .text("currency", list.currency())
                        .text("kind", "PriceList")
                        .number("prices", list.prices().size())
                        .number("v", VERSION)
                        .text("validFrom", list.validFrom().toString())
                        .number("version", list.version()));
        list.prices().forEach((product, price) -> form.with(price(product, price)));
        return form.digest();
    }

    private static CanonicalJson price(Product product, Price price) {
        return new CanonicalJson()
                .number("perHour", Money.perHour(price.perHour()))
                .text("product", product.product().name())
                .text("region", product.region())
                .text("size", product.size())
                .text("state", product.state() == null ? null : product.state().name())
                .text("stripePrice", price.stripePrice());
    }

    private CommittedForm with(CanonicalJson part) {
        form.writeBytes(part.bytes());
        form.write('\n');
        return this;
    }

    private byte[] digest() {
        return OpaqueTokens.sha256(form.toByteArray());
    }
}
