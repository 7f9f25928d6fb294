package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads the history of an Agent, of its clone and of a PlainVm from the books as a new user does it: by {@code ./dev}
 * alone.
 */
@Tag("slow")
@EnabledIf("dev.anchorhold.world.AgentWalkthroughTest#realGuests")
class BooksWalkthroughTest {
    @TempDir
    Path world;

    private DevCommand here;

    @AfterEach
    void nothing_stays() {
        here.java("reset");
    }

    @Test
    void F48_a_life_is_in_the_books_once_adds_up_and_can_be_checked_by_anybody() throws Exception {
        here = new DevCommand(world);
        here.java("up", "--detach", "--guests=nspawn").assertSuccess();
        kubectl("apply", "--filename=k8s-dev/samples/agent.yaml", "--filename=k8s-dev/samples/plainvm.yaml");
        ready("agent/coder");
        change("\"operatingMode\": \"Paused\"");
        kubectl("wait", "--for=jsonpath={.status.state}=Paused", "agent/coder", "--timeout=180s");
        change("\"operatingMode\": \"Running\"");
        ready("agent/coder");
        change("\"account\": \"globex\"");
        kubectl("wait", "--for=jsonpath={.status.account}=globex", "agent/coder", "--timeout=180s");
        Path clone = Files.writeString(world.resolve("clone.yaml"), """
                apiVersion: anchorhold.dev/v1alpha1
                kind: Agent
                metadata: {name: copy, namespace: default}
                spec: {account: globex, cloneOf: coder}
                """);
        kubectl("apply", "--filename=" + clone);
        ready("agent/copy");
        String coder = uid("agent/coder");
        String copy = uid("agent/copy");
        String web = uid("plainvm/web");
        kubectl("delete", "agent/coder", "plainvm/web", "--timeout=180s");

        assertThat(events(coder)).containsExactly("provision", "stop", "start", "transfer", "destroy");
        assertThat(events(copy)).containsExactly("provision");
        assertThat(events(web)).as("of a PlainVm its end is audited").containsExactly("destroy");

        var life = periods(coder);
        assertThat(life.stream().map(it -> text(it, "account") + " " + text(it, "state")))
                .containsExactly("acme Running", "acme Paused", "acme Running", "globex Running");
        for (int i = 1; i < life.size(); i++) {
            assertThat(text(life.get(i), "startedAt"))
                    .as("no gap, no overlap")
                    .isEqualTo(text(life.get(i - 1), "endedAt"));
        }
        assertThat(life).allSatisfy(it -> assertThat(text(it, "name")).isEqualTo("coder"));
        assertThat(periods(copy))
                .singleElement()
                .satisfies(it -> assertThat(it.has("endedAt")).isFalse());
        assertThat(periods(web))
                .singleElement()
                .satisfies(it -> assertThat(it.has("endedAt")).isTrue());

        assertThat(sum(read("usage?by=day&resource=" + coder).get("lines")))
                .as("Σ days = Σ periods, to the microsecond")
                .isEqualTo(life.stream().mapToLong(BooksWalkthroughTest::length).sum());
        statementReconciles(life);
        checkedByAnybody();
    }

    /** The lines of the month are the periods, product by product; those of its first owner stay its own. */
    private void statementReconciles(List<JsonNode> life) throws JsonProcessingException {
        List<JsonNode> lines = new ArrayList<>();
        YearMonth month = YearMonth.from(instant(life.getFirst(), "startedAt").atZone(ZoneOffset.UTC));
        for (String account : List.of("acme", "globex")) {
            read("statements/" + account + "/" + month).get("lines").forEach(lines::add);
        }
        for (JsonNode period : life) {
            assertThat(lines)
                    .filteredOn(
                            it -> it.get("period").asLong() == period.get("id").asLong())
                    .as("lines of period %s: its compute, and its volume if it has one", period)
                    .hasSize(period.hasNonNull("volumeGiB") ? 2 : 1)
                    .allSatisfy(
                            it -> assertThat(it.get("microseconds").asLong()).isEqualTo(length(period)));
        }
    }

    /** Verifies the log while it runs, with the API's events in it; after it has grown; and without it, from the copy that was kept. */
    private void checkedByAnybody() throws IOException {
        String log = here.run("bash", "-c", ". $ANCHORHOLD_WORLD/env; echo $ANCHORHOLD_COMPANION/log")
                .assertSuccess()
                .output()
                .strip();
        String kept = world.resolve("kept").toString();
        Path events = Files.writeString(
                world.resolve("events.json"),
                here.dev("api", "audit-events").assertSuccess().output());
        verifyLog(log, "--keep", kept, "--events", events.toString());
        kubectl("delete", "agent/copy", "--timeout=180s");
        verifyLog(log, "--keep", kept);
        here.java("down").assertSuccess();
        verifyLog(kept);
    }

    /** {@code ./dev verify-log}, without building. */
    private void verifyLog(String... arguments) {
        here.run(
                        ProcessHandle.current().info().command().orElseThrow(),
                        Stream.concat(Stream.of("-jar", "target/anchorhold-verify-log.jar"), Stream.of(arguments))
                                .toArray(String[]::new))
                .assertSuccess();
    }

    private List<String> events(String uid) throws JsonProcessingException {
        return items("audit-events?resource=" + uid).stream()
                .map(it -> text(it.get("event"), "event"))
                .toList();
    }

    private List<JsonNode> periods(String uid) throws JsonProcessingException {
        return items("periods?resource=" + uid);
    }

    private List<JsonNode> items(String path) throws JsonProcessingException {
        return StreamSupport.stream(read(path).get("items").spliterator(), false)
                .toList();
    }

    private JsonNode read(String path) throws JsonProcessingException {
        return new ObjectMapper().readTree(here.dev("api", path).assertSuccess().output());
    }

    private static long sum(JsonNode lines) {
        return StreamSupport.stream(lines.spliterator(), false)
                .mapToLong(it -> it.get("microseconds").asLong())
                .sum();
    }

    private static long length(JsonNode period) {
        return ChronoUnit.MICROS.between(instant(period, "startedAt"), instant(period, "endedAt"));
    }

    private static Instant instant(JsonNode it, String field) {
        return Instant.parse(text(it, field));
    }

    private static String text(JsonNode it, String field) {
        return it.path(field).asText();
    }

    private String uid(String object) {
        return kubectl("get", object, "-o", "jsonpath={.metadata.uid}");
    }

    private void ready(String object) {
        kubectl("wait", "--for=condition=Ready", object, "--timeout=180s");
    }

    private void change(String spec) {
        kubectl("patch", "agent/coder", "--type=merge", "--patch={\"spec\": {%s}}".formatted(spec));
    }

    private String kubectl(String... arguments) {
        return here.dev(Stream.concat(Stream.of("kubectl"), Stream.of(arguments))
                        .toArray(String[]::new))
                .assertSuccess()
                .output();
    }
}
