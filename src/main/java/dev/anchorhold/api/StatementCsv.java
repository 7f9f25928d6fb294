package dev.anchorhold.api;

import dev.anchorhold.api.StatementItem.Line;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes a statement's lines as CSV for a spreadsheet (RFC 4180). A text that a spreadsheet would take for a formula is given an
 * apostrophe before it: names are chosen by people who may not be friends of whoever opens the file.
 */
final class StatementCsv {
    private static final String HEAD =
            "account,month,status,part,forMonth,period,kind,resource,namespace,name,region,size,state,from,to,microseconds,"
                    + "hours,priceVersion,unitPrice,currency,amount,stripePrice,unroundedAmount,volumeGiB";
    private static final String END = "\r\n";

    private StatementCsv() {}

    static String of(StatementItem statement) {
        List<String> rows = new ArrayList<>(List.of(HEAD));
        statement.lines().forEach(it -> rows.add(row(statement, "line", it)));
        statement.adjustments().forEach(it -> rows.add(row(statement, "adjustment", it)));
        return String.join(END, rows) + END;
    }

    private static String row(StatementItem of, String part, Line it) {
        return Arrays.asList(
                        text(of.account()),
                        value(of.month()),
                        value(of.status()).toLowerCase(Locale.ROOT),
                        part,
                        value(it.forMonth()),
                        value(it.period()),
                        value(it.of().kind()),
                        it.of().resource(),
                        text(it.of().namespace()),
                        text(it.of().name()),
                        text(it.of().region()),
                        text(it.of().size()),
                        value(it.state()),
                        value(it.from()),
                        value(it.to()),
                        value(it.microseconds()),
                        value(it.hours()),
                        value(it.priceVersion()),
                        value(it.unitPrice()),
                        text(of.currency()),
                        value(it.amount()),
                        text(it.stripePrice()),
                        value(it.unroundedAmount()),
                        value(it.volumeGiB()))
                .stream()
                .collect(Collectors.joining(","));
    }

    /** Numbers, instants and constants of ours need no quotes. */
    private static String value(Object value) {
        return value instanceof BigDecimal number ? number.toPlainString() : Objects.toString(value, "");
    }

    private static String text(String text) {
        if (text == null || text.isEmpty()) {
            return "";
        }
        String harmless = "=+-@\t\r\n|%".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return harmless.chars().anyMatch(c -> ",\"\r\n'".indexOf(c) >= 0)
                ? '"' + harmless.replace("\"", "\"\"") + '"'
                : harmless;
    }
}
