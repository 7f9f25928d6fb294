package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a closed statement as {@code /api/statements/ACCOUNT/MONTH} returned it in JSON, from a file, to be compared with what
 * the log commits to. Its canonical form (docs/log.md) is made here from the JSON alone: all that is billed is in it, and not
 * what is computed of that, such as the lines' rounded amounts.
 */
final class ExportedStatement {
    private static final int CENTS = 2;
    private static final int PRICE_DIGITS = 9;
    private static final DateTimeFormatter INSTANT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private ExportedStatement() {}

    /** @throws IllegalArgumentException when the file has no closed statement in the form that the API gives it in */
    static ExpectedLeaf read(Path file) throws IOException {
        try {
            if (MinimalJson.read(Files.readString(file)) instanceof Map<?, ?> statement
                    && statement.get("commitment") instanceof Map<?, ?> commitment
                    && commitment.get("index") instanceof Long index
                    && commitment.get("nonce") instanceof String nonce) {
                var canonical = new HashMap<String, Object>();
                canonical.put("account", statement.get("account"));
                canonical.put("digest", HexFormat.of().formatHex(ExpectedLeaf.sha256(form(statement))));
                canonical.put("kind", "Statement");
                canonical.put("name", statement.get("month"));
                canonical.put("recordedAt", instant(commitment, "recordedAt"));
                canonical.put("v", 1L);
                return ExpectedLeaf.of(
                        index,
                        Base64.getDecoder().decode(nonce),
                        MinimalJson.canonical(canonical).getBytes(UTF_8),
                        "statement",
                        file.toString());
            }
            throw new IllegalArgumentException(
                    "a closed statement has to have a commitment with an index and a nonce; an open one has none");
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()));
        }
    }

    private static byte[] form(Map<?, ?> statement) {
        var lines = new ArrayList<Object>(list(statement, "lines"));
        lines.addAll(list(statement, "adjustments"));
        var head = taken(statement, "account", "currency", "month");
        head.put("closedAt", instant(statement, "closedAt"));
        head.put("kind", "Statement");
        head.put("lines", (long) lines.size());
        head.put("totalCents", whole(statement, "total", CENTS));
        head.put("v", 1L);
        var form = new StringBuilder(MinimalJson.canonical(head)).append('\n');
        for (var line : lines) {
            form.append(MinimalJson.canonical(line((Map<?, ?>) line))).append('\n');
        }
        return form.toString().getBytes(UTF_8);
    }

    private static Map<String, Object> line(Map<?, ?> json) {
        var line = taken(
                json,
                "forMonth",
                "kind",
                "microseconds",
                "name",
                "namespace",
                "period",
                "priceVersion",
                "region",
                "resource",
                "size",
                "state",
                "stripePrice",
                "volumeGiB");
        line.put("from", instant(json, "from"));
        line.put("perHour", whole(json, "unitPrice", PRICE_DIGITS));
        line.put("to", instant(json, "to"));
        return line;
    }

    /** Those of the keys that it has. */
    private static Map<String, Object> taken(Map<?, ?> json, String... keys) {
        var taken = new HashMap<String, Object>();
        for (var key : keys) {
            if (json.get(key) != null) {
                taken.put(key, json.get(key));
            }
        }
        return taken;
    }

    private static List<?> list(Map<?, ?> json, String key) {
        if (json.get(key) instanceof List<?> list && list.stream().allMatch(Map.class::isInstance)) {
            return list;
        }
        throw new IllegalArgumentException(key + " must be a list of objects");
    }

    private static String instant(Map<?, ?> json, String key) {
        return INSTANT.format(Instant.parse(text(json, key)));
    }

    /** A decimal number as a whole one of its smallest unit. */
    private static long whole(Map<?, ?> json, String key, int decimals) {
        return new BigDecimal(text(json, key)).movePointRight(decimals).longValueExact();
    }

    private static String text(Map<?, ?> json, String key) {
        if (json.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(key + " must be a text");
    }
}
