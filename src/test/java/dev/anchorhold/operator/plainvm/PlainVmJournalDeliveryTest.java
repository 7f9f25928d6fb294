package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.operator.journal.ScriptedLedger;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * PlainVms with a companion that is down or refuses journals: the companion is scripted, all else is as in production.
 */
class PlainVmJournalDeliveryTest {
    private final ScriptedLedger ledger = new ScriptedLedger();
    private TestEnvironment testEnvironment;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "operator-token");
        testEnvironment = new TestEnvironment(
                TestEnvironment.quick(),
                Firewalls.PerVm,
                null,
                new InProcessOperator.Companion(URI.create(ledger.uri()), token));
        testEnvironment.operator();
    }

    @AfterEach
    void close() {
        ledger.behave();
        testEnvironment.close();
        ledger.close();
    }

    @Test
    void while_the_books_are_down_vms_are_made_stopped_started_and_deleted_but_for_the_last_step() {
        ledger.fail(503);
        String uid = testEnvironment.apply("web").getMetadata().getUid();
        var vm = testEnvironment.awaitReady("web");
        assertThat(vm.getStatus().journal())
                .extracting(JournalEntry::event, JournalEntry::at)
                .containsExactly(
                        tuple("provision", vm.getStatus().provisionedAt().replace("Z", ".000000Z")));
        testEnvironment.apply("web", "operatingMode: Stopped");
        testEnvironment.await("web", v -> v.getStatus().state().equals("Stopped"));
        testEnvironment.apply("web", "operatingMode: Running");
        testEnvironment.awaitReady("web");

        testEnvironment.vm("web").delete();
        var waiting = testEnvironment.awaitReason("web", JOURNAL_UNDELIVERED);
        assertThat(TestEnvironment.ready(waiting).message()).contains("503");
        assertThat(waiting.getStatus().journal())
                .extracting(JournalEntry::event)
                .containsExactly("provision", "destroy");
        assertThat(testEnvironment.cloud.requests().count("DELETE", "/servers/{id}"))
                .isEqualTo(1);

        testEnvironment.forgetOperator();
        testEnvironment.cloud.requests().reset();
        testEnvironment.operator();
        testEnvironment.awaitReason("web", JOURNAL_UNDELIVERED);
        assertThat(ledger.recorded()).isEmpty();
        ledger.behave();
        testEnvironment.awaitGone("web");
        assertThat(ledger.recorded()).containsExactly(uid + " 1", uid + " 2");
        assertThat(testEnvironment.cloud.requests().count("GET", "/servers/{id}"))
                .as("what is on record as gone is looked for no more")
                .isZero();
    }

    @Test
    void what_the_books_refuse_of_one_vm_is_reported_on_it_and_holds_up_no_other() {
        String bad = testEnvironment.apply("bad").getMetadata().getUid();
        testEnvironment.apply("good");
        testEnvironment.awaitReady("bad");
        testEnvironment.awaitReady("good");
        await().until(() -> ledger.sequence(bad) == 1);
        ledger.refuse(bad, Reason.FORK, "entry 2 is another one here");
        testEnvironment.vm("bad").delete();
        testEnvironment.vm("good").delete();
        testEnvironment.awaitGone("good");
        var refused = testEnvironment.awaitReason("bad", JOURNAL_UNDELIVERED);
        assertThat(TestEnvironment.ready(refused).message()).contains("entry 2 is another one here");
        await().until(() -> hasEvent(refused, "JournalRefused"));
    }

    private boolean hasEvent(PlainVm vm, String reason) {
        return testEnvironment
                .kubernetes
                .events()
                .v1()
                .events()
                .inNamespace(testEnvironment.namespace)
                .list()
                .getItems()
                .stream()
                .anyMatch(e -> e.getReason().equals(reason)
                        && e.getRegarding().getUid().equals(vm.getMetadata().getUid()));
    }

    @Test
    void a_vm_that_is_lost_and_made_anew_is_in_no_state_in_between() {
        testEnvironment.apply("web", "recreate: WhenLost");
        var first = testEnvironment.awaitReady("web");
        testEnvironment.cloud.console().deleteServer(first.getStatus().serverId());
        var second = testEnvironment.await(
                "web",
                v -> v.getStatus().serverId() != null
                        && !v.getStatus().serverId().equals(first.getStatus().serverId())
                        && v.getStatus().provisionedAt() != null);
        String uid = second.getMetadata().getUid();
        await().until(() -> ledger.sequence(uid) == 3);
        assertThat(ledger.words(uid))
                .containsExactly(
                        "provision Running %s by test".formatted(testEnvironment.account),
                        "stop %s".formatted(testEnvironment.account),
                        "start Running %s".formatted(testEnvironment.account));
    }
}
