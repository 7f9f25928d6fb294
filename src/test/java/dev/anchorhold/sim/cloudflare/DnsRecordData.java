package dev.anchorhold.sim.cloudflare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Converts between the two forms of the records that have parts, such as SRV and CAA: the parts ({@code data}), which
 * clients write and read, and the one line of a zone file ({@code content}), which is derived from them.
 */
final class DnsRecordData {
    /** A part of a type's data: a number, a word, or a text that stands in quotes. */
    private enum Form {
        NUMBER,
        WORD,
        QUOTED
    }

    private record Part(String name, Form form) {}

    /** In the order of a zone file, but for the priority of SRV and URI, which stands beside the content. */
    private static final Map<String, List<Part>> PARTS = Map.ofEntries(
            Map.entry("CAA", parts("flags# tag value'")),
            Map.entry("CERT", parts("type# key_tag# algorithm# certificate")),
            Map.entry("DNSKEY", parts("flags# protocol# algorithm# public_key")),
            Map.entry("DS", parts("key_tag# algorithm# digest_type# digest")),
            Map.entry("HTTPS", parts("priority# target value")),
            Map.entry("NAPTR", parts("order# preference# flags' service' regex' replacement")),
            Map.entry("SMIMEA", parts("usage# selector# matching_type# certificate")),
            Map.entry("SRV", parts("weight# port# target")),
            Map.entry("SSHFP", parts("algorithm# type# fingerprint")),
            Map.entry("SVCB", parts("priority# target value")),
            Map.entry("TLSA", parts("usage# selector# matching_type# certificate")),
            Map.entry("URI", parts("weight# target'")));

    private static final Pattern TOKEN = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");

    private DnsRecordData() {}

    private static List<Part> parts(String words) {
        var parts = new ArrayList<Part>();
        for (String word : words.split(" ")) {
            Form form = word.endsWith("#") ? Form.NUMBER : word.endsWith("'") ? Form.QUOTED : Form.WORD;
            parts.add(new Part(word.replaceAll("[#']", ""), form));
        }
        return List.copyOf(parts);
    }

    static boolean has(String type) {
        return PARTS.containsKey(type);
    }

    static boolean hasPriorityBeside(String type) {
        return type.equals("SRV") || type.equals("URI");
    }

    /** @param given the request's {@code data} */
    static Map<String, Object> read(String type, JsonNode given) {
        var data = new LinkedHashMap<String, Object>();
        if (type.equals("SRV")) data.put("priority", number(type, given, "priority"));
        for (Part part : PARTS.get(type)) {
            if (part.form == Form.NUMBER) {
                data.put(part.name, number(type, given, part.name));
            } else {
                JsonNode value = given.path(part.name);
                boolean optional = part.name.equals("value") && !type.equals("CAA");
                if (!value.isTextual() && !optional) throw invalid(type, part.name);
                data.put(part.name, value.asText(""));
            }
        }
        return data;
    }

    private static long number(String type, JsonNode given, String name) {
        JsonNode value = given.path(name);
        if (!value.isNumber() || value.asDouble() != value.asLong() || value.asLong() < 0 || value.asLong() > 65_535) {
            throw invalid(type, name);
        }
        return value.asLong();
    }

    /** Of a request that gives the line instead. */
    static Map<String, Object> parse(String type, String content, Integer priority) {
        var tokens = TOKEN.matcher(content)
                .results()
                .map(token -> token.group(1) != null ? token.group(1) : token.group(2))
                .toList();
        var parts = PARTS.get(type);
        var given = ApiResponse.Json.object();
        if (type.equals("SRV")) given.put("priority", priority == null ? 0 : priority);
        for (int i = 0; i < parts.size() && i < tokens.size(); i++) {
            boolean last = i == parts.size() - 1;
            String text = last ? String.join(" ", tokens.subList(i, tokens.size())) : tokens.get(i);
            if (parts.get(i).form != Form.NUMBER) given.put(parts.get(i).name, text);
            else if (text.matches("\\d{1,5}")) given.put(parts.get(i).name, Integer.parseInt(text));
        }
        return read(type, given);
    }

    static String content(String type, Map<String, Object> data) {
        var words = new ArrayList<String>();
        for (Part part : PARTS.get(type)) {
            String value = String.valueOf(data.get(part.name));
            if (part.form == Form.QUOTED) words.add('"' + value + '"');
            else if (!value.isEmpty()) words.add(value);
        }
        return String.join(" ", words);
    }

    private static CloudflareApiError invalid(String type, String part) {
        return CloudflareApiError.dnsValidation(
                9101, "data.%s is a required data field of a %s record.".formatted(part, type));
    }
}
