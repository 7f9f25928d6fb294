package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.HELD;
import static dev.anchorhold.resource.Reasons.JOURNAL_UNDELIVERED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.ledger.event.DeliveryResult.Reason;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.operator.journal.ScriptedLedger;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
        await().until(() ->
                testEnvironment.events(refused, "JournalRefused").findAny().isPresent());
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

    // ---- H01: a hold stops steps, and nothing else

    @Test
    void H01_a_vm_that_is_held_as_soon_as_its_server_shows_is_in_the_books_and_ends_there() {
        var console = testEnvironment.cloud.console();
        console.stickActions("create_server", 1);
        String uid = testEnvironment.apply("held").getMetadata().getUid();
        long server = testEnvironment
                .await("held", v -> v.getStatus() != null && v.getStatus().serverId() != null)
                .getStatus()
                .serverId();
        hold("held", "true");
        console.act("GET", "/servers/" + server + "/actions", null)
                .get("actions")
                .forEach(a -> console.releaseAction(a.get("id").asLong()));
        await().until(() -> ledger.sequence(uid) == 1);

        testEnvironment.apply("held", "operatingMode: Stopped");
        assertThat(TestEnvironment.ready(testEnvironment.awaitReason("held", HELD))
                        .message())
                .contains("anchorhold.dev/paused", "asking the guest to shut down");
        testEnvironment.vm("held").delete();
        testEnvironment.await("held", v -> TestEnvironment.ready(v).message().contains("the deletion waits"));
        console.deleteServer(server);
        await("the loss to be told while it is held").until(() -> ledger.sequence(uid) == 2);
        assertThat(testEnvironment.cloud.requests().count("DELETE", "/servers/{id}"))
                .isZero();
        hold("held", "false");
        testEnvironment.awaitGone("held");
        assertThat(ledger.words(uid))
                .containsExactly(
                        "provision Running %s by test".formatted(testEnvironment.account),
                        "stop %s".formatted(testEnvironment.account),
                        "destroy %s".formatted(testEnvironment.account));
    }

    @Test
    void H01_what_nobody_saw_before_its_deletion_is_told_before_its_end() {
        var console = testEnvironment.cloud.console();
        console.stickActions("create_server", 1);
        String uid = testEnvironment.apply("brief").getMetadata().getUid();
        long server = testEnvironment
                .await("brief", v -> v.getStatus() != null && v.getStatus().serverId() != null)
                .getStatus()
                .serverId();
        testEnvironment.forgetOperator();
        console.act("GET", "/servers/" + server + "/actions", null)
                .get("actions")
                .forEach(a -> console.releaseAction(a.get("id").asLong()));
        await().until(() -> console.act("GET", "/servers/" + server, null)
                .at("/server/status")
                .asText()
                .equals("running"));
        testEnvironment.vm("brief").delete();
        testEnvironment.operator();
        testEnvironment.awaitGone("brief");
        assertThat(ledger.words(uid))
                .containsExactly(
                        "provision Running %s by test".formatted(testEnvironment.account),
                        "destroy %s".formatted(testEnvironment.account));
    }

    @Test
    void H01_who_changes_his_vm_all_the_time_keeps_nothing_from_the_books() throws InterruptedException {
        String uid = testEnvironment.apply("busy").getMetadata().getUid();
        var over = new AtomicBoolean();
        var tenant = Thread.ofVirtual().start(() -> {
            for (int i = 0; !over.get(); i++) {
                annotate("busy", "example.org/turn", "" + i);
                testEnvironment
                        .vm("busy")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"spec\":{\"recreate\":\"%s\"}}".formatted(i % 2 == 0 ? "WhenLost" : "Never"));
            }
        });
        try {
            await().until(() -> ledger.sequence(uid) == 1);
        } finally {
            over.set(true);
            tenant.join();
        }
        testEnvironment.awaitReady("busy");
    }

    private void hold(String name, String value) {
        annotate(name, ApiNames.PAUSED, value);
    }

    private void annotate(String name, String annotation, String value) {
        testEnvironment
                .vm(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(annotation, value));
    }

    // ---- H04: a status counts for the object that it was written for

    @Test
    void H04_a_status_that_was_restored_under_another_uid_is_disregarded_and_its_owner_named() {
        testEnvironment.apply("web");
        var original = testEnvironment.awaitReady("web");
        testEnvironment.forgetOperator();
        String uid = restore(original, "copy");

        testEnvironment.operator();
        var copy = testEnvironment.await(
                "copy",
                v -> v.getStatus() != null
                        && uid.equals(v.getStatus().uid())
                        && v.getStatus().provisionedAt() != null);
        assertThat(copy.getStatus().serverId())
                .isNotEqualTo(original.getStatus().serverId());
        await().until(() -> ledger.sequence(uid) == 1);
        assertThat(testEnvironment.vm("copy").get().getStatus().journal())
                .extracting(JournalEntry::event, JournalEntry::at)
                .containsExactly(
                        tuple("provision", copy.getStatus().provisionedAt().replace("Z", ".000000Z")));
        assertThat(notes(copy, "StatusDisregarded"))
                .singleElement()
                .asString()
                .contains(
                        "PlainVm %s/web".formatted(testEnvironment.namespace),
                        original.getMetadata().getUid());

        testEnvironment.vm("copy").delete();
        testEnvironment.awaitGone("copy");
        assertThat(testEnvironment.awaitReady("web").getStatus().serverId())
                .isEqualTo(original.getStatus().serverId());
    }

    @Test
    void H04_a_copy_that_has_nothing_of_its_own_is_deleted_at_once_and_the_original_stays() {
        testEnvironment.apply("web");
        var original = testEnvironment.awaitReady("web");
        testEnvironment.forgetOperator();
        String uid = restore(original, "copy");
        testEnvironment.vm("copy").delete();
        testEnvironment.operator();
        testEnvironment.awaitGone("copy");
        assertThat(ledger.words(uid)).isEmpty();
        assertThat(testEnvironment.awaitReady("web").getStatus().serverId())
                .isEqualTo(original.getStatus().serverId());
    }

    @Test
    void H04_a_deletion_is_done_when_nothing_bears_its_own_uid() {
        testEnvironment.apply("given");
        var given = testEnvironment.awaitReady("given");
        testEnvironment.apply("taker");
        String taker = testEnvironment.awaitReady("taker").getMetadata().getUid();
        long server = given.getStatus().serverId();
        relabel("/servers/" + server, taker);
        relabel("/firewalls/" + given.getStatus().firewallId(), taker);
        testEnvironment.vm("given").delete();
        testEnvironment.awaitGone("given");
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/servers/" + server, null)
                        .at("/server/status")
                        .asText())
                .as("the taker's now")
                .isEqualTo("running");
    }

    private void relabel(String path, String uid) {
        var console = testEnvironment.cloud.console();
        var labels =
                (ObjectNode) console.act("GET", path, null).elements().next().get("labels");
        console.act("PUT", path, "{\"labels\": %s}".formatted(labels.put("anchorhold.dev/uid", uid)));
    }

    /** As a backup's tool does: finalizers and status with it, an old journal, and a UID of its own. */
    private String restore(PlainVm original, String name) {
        var copy = new PlainVm();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(testEnvironment.namespace)
                .withFinalizers(original.getMetadata().getFinalizers())
                .build());
        copy.setSpec(original.getSpec());
        var made = testEnvironment.kubernetes.resource(copy).create();
        made.setStatus(original.getStatus());
        testEnvironment.kubernetes.resource(made).updateStatus();
        return made.getMetadata().getUid();
    }

    private List<String> notes(PlainVm vm, String reason) {
        return testEnvironment.events(vm, reason).map(Event::getNote).toList();
    }
}
