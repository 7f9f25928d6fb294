package dev.anchorhold.sim.cloudflare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/** The filters and the order of a list of records: every filter ignores case (providers.md B.2). */
final class DnsRecordFilter {
    private final CloudflareRequest request;
    private final List<Predicate<CloudflareRow.Record>> filters = new ArrayList<>();

    DnsRecordFilter(CloudflareRequest request) {
        this.request = request;
        text("name", record -> List.of(record.name));
        text("content", record -> List.of(record.content));
        text("comment", record -> record.comment == null ? List.of() : List.of(record.comment));
        text("tag", record -> record.tags);
        if (request.one("type") != null) filters.add(record -> record.type.equalsIgnoreCase(request.one("type")));
        if (request.one("proxied") != null)
            filters.add(record -> request.one("proxied").equals("" + record.proxied));
        String search = request.one("search");
        if (search != null) {
            filters.add(
                    record -> has(record.name, search) || has(record.content, search) || has(record.comment, search));
        }
    }

    private void text(String field, Function<CloudflareRow.Record, List<String>> values) {
        any(field, values, String::equals);
        any(field + ".exact", values, String::equals);
        any(field + ".contains", values, String::contains);
        any(field + ".startswith", values, String::startsWith);
        any(field + ".endswith", values, String::endsWith);
        if (request.query().containsKey(field + ".present")) {
            filters.add(record -> !values.apply(record).isEmpty());
        }
        if (request.query().containsKey(field + ".absent")) {
            filters.add(record -> values.apply(record).isEmpty());
        }
    }

    private interface Comparison {
        boolean fits(String value, String wanted);
    }

    private void any(String parameter, Function<CloudflareRow.Record, List<String>> values, Comparison comparison) {
        String wanted = request.one(parameter);
        if (wanted == null) return;
        filters.add(record -> values.apply(record).stream()
                .anyMatch(value -> comparison.fits(value.toLowerCase(Locale.ROOT), wanted.toLowerCase(Locale.ROOT))));
    }

    private static boolean has(String text, String part) {
        return text != null && text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    boolean shows(CloudflareRow.Record record) {
        if (filters.isEmpty()) return true;
        return "any".equals(request.one("match"))
                ? filters.stream().anyMatch(filter -> filter.test(record))
                : filters.stream().allMatch(filter -> filter.test(record));
    }

    Comparator<CloudflareRow.Record> order() {
        Comparator<CloudflareRow.Record> order = switch (request.one("order")) {
            case null -> Comparator.comparingLong(record -> record.number);
            case "type" -> Comparator.comparing(record -> record.type);
            case "name" -> Comparator.comparing(record -> record.name);
            case "content" -> Comparator.comparing(record -> record.content);
            case "ttl" -> Comparator.comparingInt(record -> record.ttl);
            case "proxied" -> Comparator.comparing(record -> record.proxied);
            default -> throw CloudflareApiError.dnsValidation(9099, "Invalid 'order' value.");
        };
        return "desc".equals(request.one("direction")) ? order.reversed() : order;
    }
}
