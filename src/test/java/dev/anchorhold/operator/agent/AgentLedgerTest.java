package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.journal.JournalLines;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.JournalEntry;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The companion's books have each event of an Agent in the simulated clouds once, with its time. */
class AgentLedgerTest {
    private static AgentTestEnvironment stage;

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
        stage.testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void an_agents_whole_life_is_in_the_books_once_and_outlives_it() {
        String mine = stage.testEnvironment.account;
        String other = "other-" + stage.testEnvironment.id;
        stage.kubernetes
                .resource(stage.testEnvironment.account(other, null, null))
                .create();

        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS); // the cloud tells no less
        stage.apply("told");
        var ready = stage.awaitReady("told");
        String uid = ready.getMetadata().getUid();
        awaitEvent(uid, "provision Running %s by test".formatted(mine));

        stage.apply("told", "operatingMode: Paused");
        awaitState("told", "Paused");
        stage.testEnvironment.forgetOperator();
        stage.apply("told", "operatingMode: Running", "pausePolicy: ReleaseServer");
        stage.testEnvironment.operator();
        stage.awaitReady("told");
        awaitEvent(
                uid,
                "provision Running %s by test".formatted(mine),
                "stop Paused %s by test".formatted(mine),
                "start Running %s by test".formatted(mine));

        Instant requestedAt = Instant.now();
        await("what comes now to be of another second than what was asked for")
                .until(() -> Instant.now().isAfter(requestedAt.plusSeconds(1)));
        long server = stage.agent("told").get().getStatus().serverId();
        stage.testEnvironment.cloud.console().act("POST", "/servers/" + server + "/actions/poweroff", "{}");
        awaitEvent(
                uid,
                "provision Running %s by test".formatted(mine),
                "stop Paused %s by test".formatted(mine),
                "start Running %s by test".formatted(mine),
                "stop Paused %s".formatted(mine),
                "start Running %s".formatted(mine));
        stage.awaitReady("told");

        stage.manifest(
                "told",
                "account: " + other,
                "size: small",
                "image: " + stage.image,
                "operatingMode: Paused",
                "pausePolicy: ReleaseServer");
        var sold = stage.await(
                "told",
                a -> other.equals(a.getStatus().account())
                        && "Paused".equals(a.getStatus().state())
                        && a.getStatus().serverId() == null);
        stage.agent("told").delete();
        stage.awaitGone("told");

        var events = events(uid);
        assertThat(events.stream().map(JournalLines::what).toList().subList(5, 8))
                .containsExactlyInAnyOrder(
                        "stop Paused " + (events.get(5).event().equals("stop") ? mine : other) + " by test",
                        "transfer %s %s from %s by test"
                                .formatted(events.get(5).event().equals("stop") ? "Paused" : "Running", other, mine),
                        "destroy " + other);
        assertThat(events).extracting(JournalEntry::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(events).extracting(JournalEntry::at).isSorted();
        assertThat(Instant.parse(events.getFirst().at())).isBetween(before, Instant.now());
        assertThat(events.stream().filter(e -> e.event().equals("transfer")))
                .singleElement()
                .extracting(JournalEntry::at)
                .isEqualTo(sold.getStatus().accountSince());
    }

    @Test
    void H01_an_agent_that_is_held_as_it_resumes_runs_in_the_books_too() {
        var console = stage.testEnvironment.cloud.console();
        String mine = stage.testEnvironment.account;
        stage.apply("sly");
        String uid = stage.awaitReady("sly").getMetadata().getUid();
        stage.apply("sly", "operatingMode: Paused");
        awaitState("sly", "Paused");
        console.stickActions("start_server", 1);
        stage.apply("sly", "operatingMode: Running");
        long server = stage.agent("sly").get().getStatus().serverId();
        await().until(() -> stage.testEnvironment.cloud.requests().count("POST", "/servers/{id}/actions/poweron") > 0);
        stage.agent("sly")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"%s\":\"true\"}}}".formatted(ApiNames.PAUSED));
        console.act("GET", "/servers/" + server + "/actions", null)
                .get("actions")
                .forEach(a -> console.releaseAction(a.get("id").asLong()));
        awaitEvent(
                uid,
                "provision Running %s by test".formatted(mine),
                "stop Paused %s by test".formatted(mine),
                "start Running %s by test".formatted(mine));
        stage.agent("sly")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"%s\":null}}}".formatted(ApiNames.PAUSED));
        stage.awaitReady("sly");
    }

    @Test
    void what_is_delivered_is_trimmed_by_no_write_of_its_own() {
        stage.apply("quiet");
        var ready = stage.awaitReady("quiet");
        awaitEvent(
                ready.getMetadata().getUid(), "provision Running %s by test".formatted(stage.testEnvironment.account));
        stage.apply("quiet", "operatingMode: Paused");
        awaitState("quiet", "Paused");
        awaitEvent(
                ready.getMetadata().getUid(),
                "provision Running %s by test".formatted(stage.testEnvironment.account),
                "stop Paused %s by test".formatted(stage.testEnvironment.account));
        String version = stage.agent("quiet").get().getMetadata().getResourceVersion();
        await("the operator to look again, and to write nothing")
                .during(Duration.ofSeconds(2))
                .until(() -> stage.agent("quiet")
                        .get()
                        .getMetadata()
                        .getResourceVersion()
                        .equals(version));
        assertThat(stage.agent("quiet").get().getStatus().journal())
                .as("the newest alone was left when it was paused")
                .extracting(JournalEntry::event)
                .containsExactly("stop");
    }

    // ----

    private static void awaitState(String name, String state) {
        stage.await(
                name,
                a -> state.equals(a.getStatus().state())
                        && AgentTestEnvironment.condition(a, "Ready")
                                .filter(c -> c.holds())
                                .filter(c -> c.observedGeneration()
                                        .equals(a.getMetadata().getGeneration()))
                                .isPresent());
    }

    private static void awaitEvent(String uid, String... words) {
        await(String.join(", ", words))
                .untilAsserted(() ->
                        assertThat(events(uid)).extracting(JournalLines::what).containsExactly(words));
    }

    /** As the database has them, in their order. */
    private static List<JournalEntry> events(String uid) {
        try (var connection = AgentTestEnvironment.database().asApplication().getConnection();
                var query = connection.prepareStatement(
                        "SELECT sequence, at, event, state, account, previous_account, asked_by, reason, volume_gib FROM ledger.event"
                                + " WHERE resource = ?::uuid ORDER BY index")) {
            query.setString(1, uid);
            var rows = query.executeQuery();
            List<JournalEntry> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new JournalEntry(
                        rows.getLong(1),
                        StatusJournal.format(
                                rows.getObject(2, OffsetDateTime.class).toInstant()),
                        rows.getString(3),
                        rows.getString(4),
                        rows.getString(5),
                        rows.getString(6),
                        rows.getString(7),
                        rows.getString(8),
                        (Integer) rows.getObject(9)));
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
