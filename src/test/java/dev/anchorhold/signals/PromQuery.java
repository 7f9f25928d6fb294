package dev.anchorhold.signals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a PromQL expression asks for. Knows as much of the language as our alerts and our dashboard use; promtool judges the rest.
 *
 * @param selectors the series that it selects
 * @param groupings the labels that it groups by
 */
record PromQuery(List<Selector> selectors, Set<String> groupings) {
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:\\{([^}]*)})?(\\s*\\()?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");

    /** A metric with conditions on its labels. */
    record Selector(String metric, List<Matcher> matchers) {}

    record Matcher(String label, String operator, String value) {}

    static PromQuery parse(String expression) {
        Set<String> groupings = new TreeSet<>();
        GROUPING.matcher(expression)
                .results()
                .forEach(it -> List.of(it.group(1).split(",")).forEach(label -> groupings.add(label.strip())));
        String rest = GROUPING.matcher(expression).replaceAll(" ").replaceAll("\\[[^]]*]", " ");
        List<Selector> selectors = new ArrayList<>();
        SELECTOR.matcher(rest).results().forEach(it -> {
            boolean function = it.group(3) != null;
            if (!function && !OPERATORS.contains(it.group(1))) {
                List<Matcher> matchers = it.group(2) == null
                        ? List.of()
                        : MATCHER.matcher(it.group(2))
                                .results()
                                .map(m -> new Matcher(m.group(1), m.group(2), m.group(3)))
                                .toList();
                selectors.add(new Selector(it.group(1), matchers));
            }
        });
        return new PromQuery(selectors, groupings);
    }
}
