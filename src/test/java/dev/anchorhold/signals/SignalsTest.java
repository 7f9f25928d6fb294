package dev.anchorhold.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests what the roles tell as they work. Of their metrics: that docs/metrics.md has all of them, that alerts and dashboard ask for
 * nothing else, and that no label is without bound. Of their logs: that each line says of which object's reconcile it is.
 */
class SignalsTest {
    /** Given to each series by the PodMonitors. */
    private static final Set<String> TARGET_LABELS = Set.of("namespace", "pod");

    @TempDir
    private static Path folder;

    private static TraceCollector collector;
    private static RunningRoles roles;

    @BeforeAll
    static void start() throws Exception {
        collector = new TraceCollector();
        roles = new RunningRoles(folder, collector.uri());
        roles.live();
        // Each is there once something of its kind has happened.
        await().until(() -> roles.metrics().sum("anchorhold_log_entries") > 0);
        await().until(() -> roles.metrics().sum("anchorhold_journal_deliveries_total", "outcome", "recorded") > 0);
        await().until(() ->
                roles.metrics().series("anchorhold_orphans").findAny().isPresent());
    }

    @AfterAll
    static void stop() {
        roles.close();
        collector.close();
    }

    @Test
    void the_page_has_every_metric_of_ours_with_its_type_its_labels_and_its_role() {
        List<MetricsPage.Row> exposed = Stream.concat(
                        rows("operator", ExposedMetrics.of(roles.operator)),
                        rows("companion", ExposedMetrics.of(roles.companion)))
                .toList();
        assertThat(exposed).hasSizeGreaterThan(20);
        assertThat(MetricsPage.rows()).containsExactlyInAnyOrderElementsOf(exposed);
    }

    /** A timer's maximum is told on the timer's row. */
    private static Stream<MetricsPage.Row> rows(String role, ExposedMetrics exposed) {
        return exposed.types().entrySet().stream()
                .filter(it ->
                        it.getKey().startsWith("anchorhold_") && !it.getKey().endsWith("_seconds_max"))
                .map(it -> new MetricsPage.Row(it.getKey(), it.getValue(), exposed.familyLabels(it.getKey()), role));
    }

    @Test
    void the_page_names_what_the_libraries_expose() {
        assertThat(roles.metrics().types().keySet().stream()
                        .filter(it -> !it.startsWith("anchorhold_"))
                        .map(it -> it.replaceFirst("_.*", "_"))
                        .collect(Collectors.toSet()))
                .isEqualTo(MetricsPage.prefixes());
    }

    @Test
    void alerts_and_dashboard_ask_for_metrics_and_labels_that_are_there() {
        ExposedMetrics exposed = roles.metrics();
        List<String> wrong = new ArrayList<>();
        Signals.queries().forEach((who, expression) -> {
            PromQuery query = PromQuery.parse(expression);
            assertThat(query.selectors()).as(who).isNotEmpty();
            for (var selector : query.selectors()) {
                Set<String> labels = exposed.labels(selector.metric());
                if (exposed.series(selector.metric()).findAny().isEmpty()) {
                    wrong.add("%s: nothing exposes %s".formatted(who, selector.metric()));
                }
                Stream.concat(selector.matchers().stream().map(PromQuery.Matcher::label), query.groupings().stream())
                        .filter(it -> !labels.contains(it) && !TARGET_LABELS.contains(it))
                        .forEach(it -> wrong.add("%s: %s has no label %s".formatted(who, selector.metric(), it)));
            }
        });
        assertThat(wrong).isEmpty();
    }

    /** An object's name, its namespace, its account or an id would make as many series as there are objects. */
    @Test
    void no_label_has_anything_of_a_single_object() {
        var stage = roles.stage.testEnvironment;
        Set<String> ofObjects = Set.of(
                "coder",
                "web",
                "gone",
                stage.namespace,
                stage.account,
                roles.stage.image,
                stage.vm("web").get().getMetadata().getUid(),
                Long.toString(stage.vm("web").get().getStatus().serverId()),
                roles.stage.agent("coder").get().getMetadata().getUid());
        assertThat(roles.metrics().samples().stream()
                        .flatMap(it -> it.labels().values().stream())
                        .collect(Collectors.toSet()))
                .doesNotContainAnyElementsOf(ofObjects)
                .allSatisfy(it -> assertThat(it).doesNotContain(stage.namespace, stage.account));
    }

    @Test
    void they_count_what_happened() {
        ExposedMetrics exposed = roles.metrics();
        assertThat(exposed.sum("anchorhold_leader")).isEqualTo(1);
        await().untilAsserted(() -> {
            ExposedMetrics now = roles.metrics();
            assertThat(now.sum("anchorhold_objects", "kind", "PlainVm", "ready", "True"))
                    .isEqualTo(1);
            assertThat(now.sum("anchorhold_objects", "kind", "Agent", "reason", "Running"))
                    .isEqualTo(1);
            assertThat(now.sum("anchorhold_objects", "kind", "PlainVm", "reason", "Deleting"))
                    .as("one that went through it is gone")
                    .isZero();
        });
        String reconciles = "anchorhold_reconcile_duration_seconds_count";
        assertThat(exposed.sum(reconciles, "controller", "plainvm", "outcome", "deleted"))
                .isEqualTo(1);
        assertThat(exposed.sum(reconciles, "controller", "agent", "outcome", "reconciled"))
                .isPositive();
        assertThat(exposed.sum(reconciles, "outcome", "failed")).isZero();
        assertThat(exposed.sum(
                        "anchorhold_cloud_calls_total", "cloud", "hetzner", "purpose", "create", "outcome", "ok"))
                .isGreaterThanOrEqualTo(3);
        assertThat(exposed.sum("anchorhold_door_redemptions_total", "outcome", "granted"))
                .isEqualTo(1);
        assertThat(exposed.sum("anchorhold_door_redemptions_total", "outcome", "refused"))
                .isEqualTo(1);
        assertThat(exposed.sum("anchorhold_cloud_budget_left"))
                .isBetween(1.0, exposed.sum("anchorhold_cloud_budget_limit"));
        assertThat(exposed.sum("anchorhold_orphans")).isZero();
        assertThat(exposed.sum("anchorhold_ledger_record_duration_seconds_count"))
                .isPositive();
    }

    @Test
    void every_line_of_the_logs_is_an_object_with_a_time_a_level_and_a_message() throws Exception {
        for (Path log : List.of(roles.operator.log(), roles.companion.log())) {
            assertThat(lines(log)).hasSizeGreaterThan(3).allSatisfy(it -> {
                assertThat(Instant.parse(it.path("timestamp").asText())).isAfter(Instant.EPOCH);
                assertThat(it.path("level").asText()).isNotBlank();
                assertThat(it.path("loggerName").asText()).isNotBlank();
                assertThat(it.has("message")).isTrue();
            });
        }
    }

    @Test
    void a_line_of_a_reconcile_says_which_it_is_and_no_other_line_does() throws Exception {
        List<JsonNode> lines = lines(roles.operator.log());
        List<JsonNode> ofReconciles =
                lines.stream().filter(it -> it.at("/mdc/reconcile").isTextual()).toList();
        assertThat(ofReconciles)
                .as("the server's creation failed once")
                .anyMatch(it -> it.get("loggerName").asText().endsWith("StepExecutor"))
                .allSatisfy(it -> {
                    assertThat(it.at("/mdc/reconcile").asText()).matches("[0-9a-f]{16}");
                    assertThat(it.at("/mdc/kind").asText())
                            .isIn("Agent", "AgentImage", "PlainVm", "Account", "ProviderConfig");
                    assertThat(it.at("/mdc/name").asText()).isNotBlank();
                });
        assertThat(lines.stream().filter(it -> it.get("loggerName").asText().endsWith("StepExecutor")))
                .as("steps, of which an Agent's run in threads of their own")
                .anyMatch(it -> it.at("/mdc/kind").asText().equals("Agent"))
                .allSatisfy(it -> {
                    assertThat(it.at("/mdc/reconcile").asText()).isNotBlank();
                    assertThat(it.at("/mdc/trace").asText()).matches("[0-9a-f]{32}");
                    assertThat(it.at("/mdc/name").asText()).isIn("coder", "web", "gone");
                    assertThat(it.at("/mdc/namespace").asText()).isEqualTo(roles.stage.testEnvironment.namespace);
                });
        assertThat(lines.stream().filter(it -> it.get("loggerName").asText().endsWith("TaskLoop")))
                .as("the inventory's loop, which a reconcile started")
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.path("mdc")).isEmpty());
    }

    @Test
    void a_trace_leads_from_a_reconcile_to_its_calls_and_from_a_call_to_the_companions_request() {
        await().until(() -> hasChild("reconcile plainvm", "hetzner create"));
        await().until(() -> hasChild("reconcile agent", "cloudflare create"));
        await().until(() -> hasChild("reconcile agent", "companion PUT"));
        await().until(() -> hasChild("companion POST", "POST /internal/v1/journals"));
        await().until(() -> collector.spans().stream().anyMatch(it -> it.name().equals("POST /guest/v1/bootstrap")));
        assertThat(collector.spans())
                .as("a guest cannot add to a trace of ours")
                .filteredOn(it -> it.name().equals("POST /guest/v1/bootstrap"))
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.parent()).isEmpty());
        assertThat(collector.everything())
                .contains("anchorhold-operator", "anchorhold-companion")
                .doesNotContain(
                        roles.stage.testEnvironment.cloud.token(),
                        roles.stage.edge.token(),
                        "Bearer",
                        "/servers/",
                        roles.stage.guest("coder").bootstrapToken());
    }

    private static boolean hasChild(String parent, String child) {
        List<TraceCollector.Span> spans = collector.spans();
        return spans.stream()
                .filter(it -> it.name().equals(child))
                .anyMatch(it -> spans.stream()
                        .anyMatch(p -> p.name().equals(parent)
                                && p.id().equals(it.parent())
                                && p.trace().equals(it.trace())));
    }

    /** What the JVM itself says, before and beside us, is text. */
    private static List<JsonNode> lines(Path log) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            if (!line.matches("(WARNING|Picked up|OpenJDK|Java HotSpot).*")) {
                lines.add(json.readTree(line));
            }
        }
        return lines;
    }
}
