package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.Ports;
import dev.anchorhold.world.Postgres;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of operator, companion and PostgreSQL at random instants, while Agents and PlainVms are made, paused, resumed, given
 * away and deleted. {@code -Dcrash.runs=200 -Dcrash.seed=7} as for {@link PlainVmCrashRunsTest}. What was asked for is the seed's; when a kill
 * meets it is the machine's.
 */
@Tag("slow")
class JournalCrashRunsTest {
    private static final int RUNS = Integer.getInteger("crash.runs", 8);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final int OBJECTS = 5;
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(6);
    private static final Duration TO_CONVERGE = Duration.ofMinutes(4);

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private JournalTestEnvironment stage;
    private String other;

    @Test
    void F39_after_many_kills_the_books_have_each_entry_once_and_come_to_what_they_must() throws IOException {
        Instant began = Instant.now();
        System.out.printf("Journals' crash runs: %d, seed %d%n", RUNS, SEED);
        try (var postgres = Postgres.start(folder.resolve("postgres"), Ports.free());
                var opened = new JournalTestEnvironment(
                        folder, CompanionDatabase.in(postgres, "books"), TestEnvironment.quick())) {
            stage = opened;
            other = stage.otherAccount();
            for (int run = 0; run < RUNS; run++) {
                if (random.nextInt(4) > 0) { // else it dies while it starts
                    stage.companion.awaitReady();
                    stage.operator.awaitReady();
                }
                long life = random.nextLong(LONGEST_LIFE.toMillis());
                for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life); System.nanoTime() < end; ) {
                    somebodyWantsSomething();
                }
                kill(postgres);
            }
            everythingGoes();
            stage.awaitLedger();
            assertThat(stage.journalHistory.journals())
                    .as("each life has an end, and was told of, seed %d", SEED)
                    .isNotEmpty()
                    .allSatisfy(it -> assertThat(it.entries().getLast().event()).isEqualTo(EventType.DESTROY));
            System.out.printf(
                    "Journals' crash runs: %d kills, %d entries of %d objects, 0 lost, 0 doubled; seed %d, %d s%n",
                    RUNS,
                    stage.journalHistory.journals().stream()
                            .mapToInt(it -> it.entries().size())
                            .sum(),
                    stage.journalHistory.journals().size(),
                    SEED,
                    Duration.between(began, Instant.now()).toSeconds());
        }
    }

    /** One of them, or two at once. */
    private void kill(Postgres postgres) {
        int who = random.nextInt(4);
        if (who != 1) {
            stage.operator.kill9();
        }
        if (who == 1 || who == 3) {
            stage.companion.kill9();
        }
        if (who == 2) {
            postgres.kill9();
            postgres.restart();
        }
        if (who == 1 || who == 3) {
            stage.companion.restart();
        }
        if (who != 1) {
            stage.operator.restart();
        }
    }

    private void somebodyWantsSomething() {
        boolean vm = random.nextInt(4) == 0;
        String name = "it-" + random.nextInt(OBJECTS);
        int wish = random.nextInt(6);
        Resource<? extends HasMetadata> object = vm ? stage.agents.testEnvironment.vm(name) : stage.agents.agent(name);
        HasMetadata now = object.get();
        if (now == null && vm) {
            stage.agents.testEnvironment.apply(name);
        } else if (now == null) {
            stage.agents.apply(name);
        } else if (now.getMetadata().getDeletionTimestamp() == null && wish == 0) {
            object.delete();
        } else if (now.getMetadata().getDeletionTimestamp() == null && !vm) {
            stage.agents.patch(name, change(wish));
        }
        pause();
    }

    private String change(int wish) {
        return switch (wish) {
            case 1, 2 ->
                "{\"operatingMode\": \"Paused\", \"pausePolicy\": \"%s\"}"
                        .formatted(random.nextBoolean() ? "PowerOff" : "ReleaseServer");
            case 3, 4 -> "{\"operatingMode\": \"Running\"}";
            default ->
                "{\"account\": \"%s\"}".formatted(random.nextBoolean() ? other : stage.agents.testEnvironment.account);
        };
    }

    /** When everything that stands was told of. */
    private void everythingGoes() {
        var agents = stage.agents.kubernetes.resources(Agent.class).inNamespace(stage.agents.testEnvironment.namespace);
        var vms = stage.agents.kubernetes.resources(PlainVm.class).inNamespace(stage.agents.testEnvironment.namespace);
        await("all to be told of, seed " + SEED)
                .atMost(TO_CONVERGE)
                .until(() -> agents.list().getItems().stream()
                                .noneMatch(it -> JournalHistory.journal(it).isEmpty())
                        && vms.list().getItems().stream()
                                .noneMatch(it -> JournalHistory.journal(it).isEmpty()));
        agents.delete();
        vms.delete();
        await("all to be gone, seed " + SEED)
                .atMost(TO_CONVERGE)
                .until(() -> agents.list().getItems().isEmpty()
                        && vms.list().getItems().isEmpty());
    }

    /** People do not type faster. */
    private void pause() {
        try {
            Thread.sleep(random.nextInt(300));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
