package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalClient;
import dev.anchorhold.operator.journal.JournalDispatcher;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** What becomes of an object whose finalizer a person took off. */
class CloudResourceReconcilerTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<String> revocations = new CopyOnWriteArrayList<>();
    private GuardedReconciler reconciler; // a gauge does not keep what it measures

    @Test
    void H03_the_books_have_the_end_only_once_the_door_has_taken_the_guests_rights_however_often_it_fails() {
        reconciler = new GuardedReconciler(2);
        reconciler.lead();
        reconciler.removed(abandoned("00000000-0000-0000-0000-000000000001"));
        await().until(() -> undelivered() == 2); // what the status had, and the end
        assertThat(revocations)
                .containsExactly(
                        "refused, 0 undelivered", "refused, 0 undelivered", "00000000-0000-0000-0000-000000000001");
    }

    @Test
    void H03_a_replica_that_stands_by_ends_nothing() {
        reconciler = new GuardedReconciler(0);
        reconciler.removed(abandoned("00000000-0000-0000-0000-000000000001"));
        reconciler.lead();
        reconciler.removed(abandoned("00000000-0000-0000-0000-000000000002"));
        await().until(() -> undelivered() >= 2);
        assertThat(revocations).containsExactly("00000000-0000-0000-0000-000000000002");
        assertThat(undelivered()).isEqualTo(2);
    }

    private double undelivered() {
        return metrics.get("anchorhold.journal.undelivered").gauge().value();
    }

    private static PlainVm abandoned(String uid) {
        var vm = new PlainVm();
        vm.setMetadata(new ObjectMetaBuilder()
                .withName("web")
                .withNamespace("default")
                .withUid(uid)
                .withAnnotations(Map.of(ApiNames.ABANDON, "true", ApiNames.ABANDONED_BY, "ann"))
                .build());
        var provisioned = new StatusJournal(List.of())
                .provision(Instant.parse("2026-11-24T12:00:00Z"), State.Running, "acme", null);
        vm.setStatus(new PlainVmStatus(
                uid,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                provisioned.entries(),
                List.of()));
        return vm;
    }

    /** One whose door fails so often, with a journal that nobody delivers. */
    private final class GuardedReconciler extends CloudResourceReconciler<PlainVm, Object, PlainVmStatus> {
        private int failures;

        private GuardedReconciler(int failures) {
            super(
                    new Fleet(metrics),
                    new JournalSink(Optional.of(new JournalDispatcher(
                            new JournalClient(
                                    new CompanionClient("http://127.0.0.1:1", Path.of("none"), new OkHttpClient())),
                            new NoListener(),
                            InstantSource.system(),
                            metrics))),
                    new StatusWriter(null, metrics),
                    null,
                    InstantSource.system());
            this.failures = failures;
        }

        /** JOSDK reconciles in the leader alone. */
        private void lead() {
            var any = new PlainVm();
            any.setMetadata(new ObjectMetaBuilder().withUid("any").build());
            reconcile(any, null);
        }

        @Override
        protected void revokeAbandoned(PlainVm vm) {
            if (failures-- > 0) {
                revocations.add("refused, %.0f undelivered".formatted(undelivered()));
                throw new CloudException.Transient(new CloudException.Detail("no_answer", "down", ""), null);
            }
            revocations.add(vm.getMetadata().getUid());
        }

        @Override
        protected ReconcileLoop.Pass<PlainVm, Object, PlainVmStatus> newPass() {
            return null; // nothing is decided before the caches are filled
        }

        @Override
        protected String account(PlainVm vm) {
            return "acme";
        }

        @Override
        protected void compareCount(String account) {}

        @Override
        protected StatusJournal journal(PlainVmStatus status) {
            return new StatusJournal(status.journal());
        }

        @Override
        protected Subject subject(PlainVm vm) {
            return new Subject(Kind.PlainVm, vm.getMetadata().getUid(), "default", "web", "eu", "small");
        }

        @Override
        protected Optional<Abandonment> abandonment(PlainVm vm) {
            return Optional.of(new Abandonment("abandoned", "ann"));
        }

        @Override
        protected void forget(PlainVm vm, String uid) {}
    }

    private record NoListener() implements JournalDispatcher.Listener {
        @Override
        public void destroyRecorded(String uid) {}

        @Override
        public void refused(String uid, String why) {}
    }
}
