package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a record's fields from a request's body, and validates them as Cloudflare does (providers.md B.2). */
final class DnsRecordFields {
    private static final Set<String> TYPES =
            Set.of("A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"); // and those of DnsRecordData
    private static final Set<String> PROXIABLE = Set.of("A", "AAAA", "CNAME");
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_-]{1,63}");
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final SimulatedZone zone;
    private final CloudflareKnobs knobs;
    private final ObjectNode body;

    DnsRecordFields(SimulatedZone zone, CloudflareKnobs knobs, ObjectNode body) {
        this.zone = zone;
        this.knobs = knobs;
        this.body = body;
    }

    static boolean proxiable(String type) {
        return PROXIABLE.contains(type);
    }

    /** @param whole whether fields that are not given take their default; else they stay as they are */
    void write(CloudflareRow.Record record, boolean whole) {
        if (whole || body.has("type")) record.type = type();
        if (whole || body.has("name")) record.name = name();
        if (body.has("priority")) record.priority = body.path("priority").asInt();
        if (whole || body.has("content") || body.has("type") || body.has("data")) writeContent(record);
        if (whole || body.has("proxied")) record.proxied = proxied(record.type);
        if (whole || body.has("ttl")) record.ttl = ttl();
        if (record.proxied) record.ttl = 1;
        if (whole || body.has("comment")) record.comment = comment();
        if (whole || body.has("tags")) record.tags = tags();
    }

    private String type() {
        String type = body.path("type").asText().toUpperCase(Locale.ROOT);
        if (!TYPES.contains(type) && !DnsRecordData.has(type))
            throw CloudflareApiError.dnsValidation(9001, "DNS record type is invalid.");
        return type;
    }

    /** A name that does not end with the zone's is relative to it. */
    private String name() {
        String name = body.path("name").asText().strip().toLowerCase(Locale.ROOT);
        if (name.endsWith(".")) name = name.substring(0, name.length() - 1);
        if (name.equals("@")) return zone.name();
        try {
            String ascii = IDN.toASCII(name);
            String full = zone.holds(ascii) ? ascii : ascii + "." + zone.name();
            if (!ascii.isEmpty() && full.length() <= 253 && HOST.matcher(full).matches()) return full;
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw CloudflareApiError.dnsValidation(9000, "DNS name is invalid.");
    }

    private void writeContent(CloudflareRow.Record record) {
        if (!DnsRecordData.has(record.type)) {
            record.data = null;
            record.content = content(record);
            return;
        }
        record.data = body.path("data").isObject()
                ? DnsRecordData.read(record.type, body.path("data"))
                : body.has("content") || record.data == null
                        ? DnsRecordData.parse(record.type, body.path("content").asText(), record.priority)
                        : record.data;
        record.content = DnsRecordData.content(record.type, record.data);
        if (record.data.get("priority") instanceof Number priority && DnsRecordData.hasPriorityBeside(record.type)) {
            record.priority = priority.intValue();
        }
    }

    private String content(CloudflareRow.Record record) {
        String content = body.has("content") ? body.path("content").asText() : record.content;
        String text = content == null ? "" : content.strip();
        boolean valid = switch (record.type) {
            case "A" -> IPV4.matcher(text).matches();
            case "AAAA" -> IPV6.matcher(text).matches();
            case "CNAME" -> host(text) && !text.equalsIgnoreCase(record.name);
            case "MX", "NS", "PTR" -> host(text);
            default -> !text.isEmpty();
        };
        if (!valid) {
            int code = switch (record.type) {
                case "A" -> 9005;
                case "AAAA" -> 9006;
                case "CNAME" -> 9007;
                default -> 9009;
            };
            throw CloudflareApiError.dnsValidation(code, "Content for %s record is invalid.".formatted(record.type));
        }
        return record.type.equals("TXT") ? text : text.toLowerCase(Locale.ROOT);
    }

    private static boolean host(String text) {
        return HOST.matcher(text.toLowerCase(Locale.ROOT)).matches();
    }

    private boolean proxied(String type) {
        JsonNode proxied = body.path("proxied");
        if (proxied.isMissingNode() || proxied.isNull()) return false;
        if (!proxied.isBoolean())
            throw CloudflareApiError.dnsValidation(9003, "Invalid 'proxied' value, must be a boolean");
        if (proxied.asBoolean() && !proxiable(type)) {
            throw CloudflareApiError.dnsValidation(9004, "This record type cannot be proxied.");
        }
        return proxied.asBoolean();
    }

    private int ttl() {
        JsonNode ttl = body.path("ttl");
        if (ttl.isMissingNode() || ttl.isNull()) return 1;
        int seconds = ttl.asInt();
        if (ttl.isNumber() && (seconds == 1 || (seconds >= 60 && seconds <= 86_400))) return seconds;
        throw CloudflareApiError.dnsValidation(
                9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
    }

    private String comment() {
        JsonNode comment = body.path("comment");
        if (!comment.isTextual() || comment.asText().isEmpty()) return null;
        String text = comment.asText();
        if (text.length() > knobs.commentLimit) {
            throw CloudflareApiError.dnsValidation(
                    9301,
                    "DNS record comment has %d characters, exceeding the limit of %d."
                            .formatted(text.length(), knobs.commentLimit));
        }
        if (text.contains("\n")) {
            throw CloudflareApiError.dnsValidation(9302, "DNS record comment must not contain newlines.");
        }
        return text;
    }

    private List<String> tags() {
        var tags = new ArrayList<String>();
        body.path("tags").forEach(tag -> tags.add(tag.asText()));
        if (tags.size() > knobs.tagLimit) {
            throw CloudflareApiError.dnsValidation(
                    9300, "DNS record has %d tags, exceeding the quota of %d.".formatted(tags.size(), knobs.tagLimit));
        }
        return tags;
    }
}
