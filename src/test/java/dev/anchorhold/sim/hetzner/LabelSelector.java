package dev.anchorhold.sim.hetzner;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Parses and evaluates label selectors: {@code k=v, k==v, k!=v, k, !k, k in (a,b), k notin (a,b)}, joined by commas
 * (providers.md A.9). As in Kubernetes, {@code !=} and {@code notin} also match where the key is absent [U].
 */
final class LabelSelector implements Predicate<Map<String, String>> {
    private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^()]*)\\)");
    private static final Pattern EQUALITY = Pattern.compile("([^=!\\s]+)\\s*(==|!=|=)\\s*(\\S*)");

    private final List<Predicate<Map<String, String>>> terms;

    private LabelSelector(List<Predicate<Map<String, String>>> terms) {
        this.terms = terms;
    }

    static LabelSelector parse(String text) {
        return new LabelSelector(split(text).stream().map(LabelSelector::term).toList());
    }

    /** At the commas that are not within parentheses. */
    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(') depth++;
            if (c == ')') depth--;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(from, i).strip());
                from = i + 1;
            }
        }
        parts.add(text.substring(from).strip());
        return parts;
    }

    private static Predicate<Map<String, String>> term(String text) {
        Matcher set = SET.matcher(text);
        if (set.matches()) {
            String key = key(set.group(1));
            Set<String> values = Stream.of(set.group(3).split(","))
                    .map(String::strip)
                    .map(LabelSelector::value)
                    .collect(Collectors.toSet());
            boolean within = set.group(2).equals("in");
            return within
                    ? labels -> labels.containsKey(key) && values.contains(labels.get(key))
                    : labels -> !labels.containsKey(key) || !values.contains(labels.get(key));
        }
        Matcher equality = EQUALITY.matcher(text);
        if (equality.matches()) {
            String key = key(equality.group(1));
            String value = value(equality.group(3));
            return equality.group(2).equals("!=")
                    ? labels -> !value.equals(labels.get(key))
                    : labels -> value.equals(labels.get(key));
        }
        if (text.startsWith("!")) {
            String key = key(text.substring(1).strip());
            return labels -> !labels.containsKey(key);
        }
        String key = key(text);
        return labels -> labels.containsKey(key);
    }

    private static String key(String key) {
        if (!Labels.validKey(key)) throw malformed();
        return key;
    }

    private static String value(String value) {
        if (!Labels.validValue(value)) throw malformed();
        return value;
    }

    private static HetznerApiError malformed() {
        return HetznerApiError.invalid("label_selector", "is not a valid label selector");
    }

    @Override
    public boolean test(Map<String, String> labels) {
        return terms.stream().allMatch(term -> term.test(labels));
    }
}
