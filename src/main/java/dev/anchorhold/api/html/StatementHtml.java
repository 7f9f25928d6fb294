package dev.anchorhold.api.html;

import dev.anchorhold.ledger.books.Statement;
import dev.anchorhold.ledger.books.StatementLine;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateExtension;
import io.quarkus.qute.TemplateInstance;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Renders a month's statement as HTML, for reading and printing. Numbers are the statement's own: nothing is computed here. */
public final class StatementHtml {
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("MMMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private StatementHtml() {}

    /** @param displayName the account's name for people */
    public static String render(Statement statement, String displayName) {
        return Templates.statement(
                        displayName,
                        statement,
                        MONTH.format(statement.month()),
                        statement.lines().stream().map(Row::of).toList(),
                        statement.adjustments().stream().map(Row::of).toList())
                .render();
    }

    @CheckedTemplate(basePath = "")
    static final class Templates {
        static native TemplateInstance statement(
                String displayName, Statement statement, String month, List<Row> lines, List<Row> adjustments);

        private Templates() {}
    }

    /** A line, with the instants as people write them. */
    record Row(StatementLine line, YearMonth forMonth, String from, String to) {
        static Row of(StatementLine line) {
            return new Row(line, line.forMonth(), Format.instant(line.from()), Format.instant(line.to()));
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
