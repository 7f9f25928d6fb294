package dev.anchorhold.api.html;

import dev.anchorhold.ledger.books.BilledLine;
import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.ledger.books.StatementLine;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.TemplateInstance;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Renders a month's statement as HTML, for reading and printing. Numbers are the statement's own: nothing is computed here. */
public final class StatementHtml {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private StatementHtml() {}

    /** @param displayName the account's name for people */
    public static String render(Statement statement, String displayName) {
        return Templates.statement(
                        displayName,
                        statement,
                        MONTH.format(statement.month()),
                        statement.billedLines().stream().map(Row::of).toList(),
                        statement.billedAdjustments().stream().map(Row::of).toList())
                .render();
    }

    @CheckedTemplate(basePath = "")
    static final class Templates {
        static native TemplateInstance statement(
                String displayName, Statement statement, String month, List<Row> lines, List<Row> adjustments);

        private Templates() {}
    }

    /** A line, with the instants as people read them: to the second. The microseconds are in the element's {@code datetime}. */
    record Row(StatementLine line, BigDecimal hours, BigDecimal amount, String from, String to) {
        static Row of(BilledLine billed) {
            StatementLine line = billed.line();
            return new Row(
                    line, billed.hours(), billed.amount(), Format.instant(line.from()), Format.instant(line.to()));
        }
    }

    /** What templates call {@code format:…}. */
    @TemplateExtension(namespace = "format")
    static final class Format {

        static String instant(Instant it) {
            return INSTANT.format(it);
        }

        static String money(BigDecimal amount) {
            return amount == null ? "–" : amount.toPlainString();
        }

        private Format() {}
    }
}
