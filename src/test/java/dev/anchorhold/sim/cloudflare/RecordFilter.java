package dev.anchorhold.sim.cloudflare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/** Which records a list shows, and in which order: every filter ignores case (providers.md B.2). */
final class RecordFilter {
    private final Call call;
    private final List<Predicate<Row.Record>> filters = new ArrayList<>();

    RecordFilter(Call call) {
        this.call = call;
        text("name", record -> List.of(record.name));
        text("content", record -> List.of(record.content));
        text("comment", record -> record.comment == null ? List.of() : List.of(record.comment));
        text("tag", record -> record.tags);
        if (call.one("type") != null) filters.add(record -> record.type.equalsIgnoreCase(call.one("type")));
        if (call.one("proxied") != null)
            filters.add(record -> call.one("proxied").equals("" + record.proxied));
        String search = call.one("search");
        if (search != null) {
            filters.add(
                    record -> has(record.name, search) || has(record.content, search) || has(record.comment, search));
        }
    }

    private void text(String field, Function<Row.Record, List<String>> values) {
        any(field, values, String::equals);
        any(field + ".exact", values, String::equals);
        any(field + ".contains", values, String::contains);
        any(field + ".startswith", values, String::startsWith);
        any(field + ".endswith", values, String::endsWith);
        if (call.query().containsKey(field + ".present")) {
            filters.add(record -> !values.apply(record).isEmpty());
        }
        if (call.query().containsKey(field + ".absent")) {
            filters.add(record -> values.apply(record).isEmpty());
        }
    }

    private interface Comparison {
        boolean fits(String value, String wanted);
    }

    private void any(String parameter, Function<Row.Record, List<String>> values, Comparison comparison) {
        String wanted = call.one(parameter);
        if (wanted == null) return;
        filters.add(record -> values.apply(record).stream()
                .anyMatch(value -> comparison.fits(value.toLowerCase(Locale.ROOT), wanted.toLowerCase(Locale.ROOT))));
    }

    private static boolean has(String text, String part) {
        return text != null && text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    boolean shows(Row.Record record) {
        if (filters.isEmpty()) return true;
        return "any".equals(call.one("match"))
                ? filters.stream().anyMatch(filter -> filter.test(record))
                : filters.stream().allMatch(filter -> filter.test(record));
    }

    Comparator<Row.Record> order() {
        Comparator<Row.Record> order = switch (call.one("order")) {
            case null -> Comparator.comparingLong(record -> record.number);
            case "type" -> Comparator.comparing(record -> record.type);
            case "name" -> Comparator.comparing(record -> record.name);
            case "content" -> Comparator.comparing(record -> record.content);
            case "ttl" -> Comparator.comparingInt(record -> record.ttl);
            case "proxied" -> Comparator.comparing(record -> record.proxied);
            default -> throw CloudflareError.dnsValidation(9099, "Invalid 'order' value.");
        };
        return "desc".equals(call.one("direction")) ? order.reversed() : order;
    }
}
