package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.world.CompanionDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the packaged operator at each step by which an entry gets from an object's status into the books and out of the
 * status again. Four Agents do the same. The status that tells it is never written for the first, is written after the
 * operator's death for the second, and before it for the third; of the fourth it is written, and the delivery is cut, before it
 * arrives or when it is answered. In the end each event is in the books once.
 */
@Tag("slow")
class JournalCrashTest {
    private static final List<String> AGENTS = List.of("a-0", "a-1", "a-2", "a-3");

    @TempDir
    static Path folder;

    private static JournalTestEnvironment stage;

    @BeforeAll
    static void open() throws IOException {
        stage = new JournalTestEnvironment(folder, CompanionDatabase.fresh(), TestEnvironment.quick());
    }

    @AfterAll
    static void close() {
        if (stage != null) stage.close();
    }

    @Test
    void F39_pausing_and_going() {
        AGENTS.forEach(stage.agents::apply);
        awaitEvent("provision");
        killedAt("stop", When.BEFORE_COMMIT, () -> each("\"operatingMode\": \"Paused\""));
        awaitEvent("provision", "stop");
        killedAt("destroy", When.AFTER_COMMIT, JournalCrashTest::deleteAll);
        awaitEvent("provision", "stop", "destroy");
        AGENTS.forEach(stage.agents::awaitGone);
        stage.awaitLedger();
    }

    @Test
    void F39_every_step_of_a_life() {
        var before = stage.journalHistory.journals().size();
        killedAt("provision", When.BEFORE_COMMIT, () -> AGENTS.forEach(stage.agents::apply));
        awaitEvent("provision");
        killedAt("stop", When.AFTER_COMMIT, () -> each("\"operatingMode\": \"Paused\""));
        awaitEvent("provision", "stop");
        stage.operator.kill9(); // what is delivered is not trimmed yet, and nothing is on its way
        stage.operator.restart();
        // The status that tells this is also the one that trims.
        killedAt("start", When.BEFORE_COMMIT, () -> each("\"operatingMode\": \"Running\""));
        awaitEvent("provision", "stop", "start");
        String other = stage.otherAccount();
        killedAt("transfer", When.AFTER_COMMIT, () -> each("\"account\": \"" + other + "\""));
        awaitEvent("provision", "stop", "start", "transfer");
        killedAt("destroy", When.BEFORE_COMMIT, JournalCrashTest::deleteAll);
        awaitEvent("provision", "stop", "start", "transfer", "destroy");
        AGENTS.forEach(stage.agents::awaitGone);
        stage.awaitLedger();
        assertThat(stage.journalHistory.journals()).hasSize(before + AGENTS.size());
    }

    /** The books have its end; what lets it go is not sent, arrives late, or has arrived. */
    @Test
    void F39_between_the_end_in_the_books_and_the_end() {
        AGENTS.forEach(stage.agents::apply);
        awaitEvent("provision");
        var holds = List.of(
                stage.holdFinalizer("a-0", When.BEFORE_COMMIT),
                stage.holdFinalizer("a-1", When.BEFORE_COMMIT),
                stage.holdFinalizer("a-2", When.AFTER_COMMIT));
        deleteAll();
        CrashPoint.kill(stage.operator, "the end", holds);
        AGENTS.forEach(stage.agents::awaitGone);
        awaitEvent("provision", "destroy");
        stage.awaitLedger();
    }

    private static void killedAt(String event, When delivery, Runnable wish) {
        var holds = List.of(
                stage.holdStatus("a-0", event, When.BEFORE_COMMIT),
                stage.holdStatus("a-1", event, When.BEFORE_COMMIT),
                stage.holdStatus("a-2", event, When.AFTER_COMMIT),
                stage.holdDelivery(event, delivery));
        wish.run();
        CrashPoint.kill(stage.operator, event, holds);
    }

    /** Until this and no more was told of each, in its latest life. */
    private static void awaitEvent(String... events) {
        await("each event to be told once").untilAsserted(() -> {
            for (String agent : AGENTS) {
                assertThat(stage.journalHistory.ofLatest(agent)).as(agent).containsExactly(events);
            }
        });
    }

    private static void each(String spec) {
        AGENTS.forEach(it -> stage.agents.patch(it, "{" + spec + "}"));
    }

    private static void deleteAll() {
        AGENTS.forEach(it -> stage.agents.agent(it).delete());
    }
}
