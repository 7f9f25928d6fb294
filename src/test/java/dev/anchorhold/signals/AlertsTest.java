package dev.anchorhold.signals;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.world.ExternalProgram;
import dev.anchorhold.world.WorldFailure;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the chart's alerts by Prometheus' own promtool, and what they and the dashboard have to be apart from that. */
class AlertsTest {
    private static final Path CASES = Path.of("src/test/promtool/alerts.yaml");

    @TempDir
    private Path folder;

    @Test
    void each_alert_fires_when_it_has_to_and_not_otherwise() {
        assertThat(ExternalProgram.of(promtool(), "test", "rules", CASES.toString())
                        .run())
                .contains("SUCCESS");
    }

    @Test
    void no_alert_lacks_its_two_cases() {
        Set<String> firing = new TreeSet<>();
        Set<String> silent = new TreeSet<>();
        for (JsonNode test : Signals.yaml(CASES).get("tests")) {
            for (JsonNode alert : test.get("alert_rule_test")) {
                (alert.get("exp_alerts").isEmpty() ? silent : firing)
                        .add(alert.get("alertname").asText());
            }
        }
        assertThat(Signals.alerts())
                .hasSizeGreaterThan(10)
                .extracting(it -> it.get("alert").asText())
                .containsExactlyInAnyOrderElementsOf(firing)
                .containsExactlyInAnyOrderElementsOf(silent);
    }

    /** LinksTest would not see these: they are links of a YAML file. */
    @Test
    void each_alert_says_how_bad_it_is_and_where_it_is_written_what_to_do() throws Exception {
        String page = Files.readString(Path.of("docs/operations.md"));
        assertThat(Signals.alerts()).allSatisfy(it -> {
            String name = it.get("alert").asText();
            assertThat(it.at("/labels/severity").asText()).isIn("critical", "warning");
            assertThat(it.at("/annotations/runbook_url").asText())
                    .isEqualTo("docs/operations.md#alert-" + name.toLowerCase(Locale.ROOT));
            assertThat(page).contains("\n### Alert " + name + "\n");
        });
    }

    @Test
    void promtool_reads_every_query_of_the_dashboard() throws Exception {
        List<Map<String, String>> rules = Signals.queries().values().stream()
                .map(it -> Map.of("record", "dashboard:query", "expr", it.replace("$__rate_interval", "5m")))
                .toList();
        Path file = folder.resolve("queries.yaml");
        new ObjectMapper()
                .writeValue(file.toFile(), Map.of("groups", List.of(Map.of("name", "queries", "rules", rules))));
        assertThat(ExternalProgram.of(promtool(), "check", "rules", "--lint=none", file.toString())
                        .run())
                .contains("SUCCESS: %d rules".formatted(rules.size()));
    }

    @Test
    void every_reason_that_is_asked_for_is_one_that_the_operator_gives() throws Exception {
        Set<String> given = new TreeSet<>(Set.of("None"));
        for (Field field : Reasons.class.getFields()) {
            given.add((String) field.get(null));
        }
        assertThat(Signals.queries().values().stream()
                        .flatMap(it -> PromQuery.parse(it).selectors().stream())
                        .flatMap(it -> it.matchers().stream())
                        .filter(it -> it.label().equals("reason"))
                        .flatMap(it -> Arrays.stream(it.value().split("[|]")))
                        .collect(Collectors.toSet()))
                .hasSizeGreaterThan(5)
                .isSubsetOf(given);
    }

    @Test
    void each_reason_is_counted_by_the_alert_that_the_page_of_reasons_says() throws Exception {
        String section = Files.readString(Path.of("docs/failure-modes.md"))
                .split("\n## A person is needed\n")[1]
                .split("\n## ")[0];
        Set<String> administrators = codes("(?m)^\\| `(\\w+)` \\|", section);
        Set<String> owners = codes("`(\\w+)`", line(section, "- **The owner's** "));
        Set<String> others = new TreeSet<>(owners);
        for (String whose : List.of("The ProviderConfig's", "The owner's, unless", "No reason of")) {
            others.addAll(codes("`(\\w+)`(?=[,.])", line(section, "- **" + whose)));
        }
        assertThat(administrators).containsAll(others);
        administrators.removeAll(others);

        assertThat(reasons("AnchorholdPersonNeeded", "=~")).containsExactly(administrators);
        assertThat(reasons("AnchorholdManyNotReady", "!~")).containsExactly(owners, owners);
    }

    private static String line(String section, String start) {
        return section.lines().filter(it -> it.startsWith(start)).findFirst().orElseThrow();
    }

    private static Set<String> codes(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(it -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Of Agents and PlainVms, as each selector of the alert has them. */
    private static List<Set<String>> reasons(String alert, String operator) {
        return PromQuery.parse(Signals.queries().get("alert " + alert)).selectors().stream()
                .filter(it -> it.matchers().contains(new PromQuery.Matcher("kind", "=~", "Agent|PlainVm")))
                .map(it -> it.matchers().stream()
                        .filter(m -> m.label().equals("reason") && m.operator().equals(operator))
                        .flatMap(m -> Arrays.stream(m.value().split("[|]")))
                        .collect(Collectors.<String, Set<String>>toCollection(TreeSet::new)))
                .toList();
    }

    /** Whatever the data source is called in a user's Grafana. */
    @Test
    void F102_no_panel_names_a_data_source_of_its_own() {
        List<JsonNode> sources = Signals.yaml(Signals.DASHBOARD).findValues("datasource");
        assertThat(sources)
                .hasSizeGreaterThan(20)
                .allSatisfy(it -> assertThat(it.get("uid").asText()).isEqualTo("${datasource}"));
        assertThat(Signals.panels()).extracting(it -> it.get("id").asInt()).doesNotHaveDuplicates();
    }

    private static Path promtool() {
        try {
            return Path.of(ExternalProgram.of(Path.of("k8s-dev/promtool").toAbsolutePath())
                    .run()
                    .strip());
        } catch (WorldFailure e) {
            return Assumptions.abort("the alerts are not tested, since there is no promtool: " + e.getMessage());
        }
    }
}
