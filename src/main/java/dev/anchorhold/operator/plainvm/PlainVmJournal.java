package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Abandonment;
import dev.anchorhold.operator.pipeline.FinalJournalEntry;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Derives a PlainVm's next journal entries from an observation (docs/books.md, "The journal"). Pure. It counts as
 * Running while its server exists, stopped or not: the cloud charges either way (providers.md A.13).
 */
final class PlainVmJournal {
    private final PlainVmObservation vm;
    private final StatusJournal before;

    PlainVmJournal(PlainVmObservation vm) {
        this.vm = vm;
        this.before = onRecord(vm);
    }

    static StatusJournal onRecord(PlainVmObservation vm) {
        return new StatusJournal(vm.status().map(PlainVmStatus::journal).orElse(List.of()));
    }

    static Subject subject(PlainVm vm) {
        var metadata = vm.getMetadata();
        return new Subject(
                Kind.PlainVm,
                metadata.getUid(),
                metadata.getNamespace(),
                metadata.getName(),
                vm.getSpec().region().key(),
                vm.getSpec().size());
    }

    /** @param complete the server that is there is complete */
    StatusJournal next(boolean complete) {
        return withTransfer(seen(complete));
    }

    /**
     * While it is being deleted: what was seen of its server before that goes is told first; the rest is told by its end. While the
     * deletion is held there is none yet.
     */
    StatusJournal beforeTheEnd(boolean complete) {
        boolean stands = observed().filter(s -> !s.running("delete_server")).isPresent()
                && server().filter(s -> s.status() != Server.Status.DELETING).isPresent();
        return stands || vm.held() ? seen(complete) : before;
    }

    private StatusJournal seen(boolean complete) {
        if (vm.deliveryStatus().isEmpty() || before.destroyed() || vm.adoption().isPresent()) {
            return before; // what is being taken over is still its predecessor's, as far as the books know
        }
        Optional<Server> completeServer = server().filter(_ -> complete);
        if (!before.isActive()) {
            String by = FieldManagers.creator(vm.vm()).map(FieldManager::name).orElse(null);
            return completeServer
                    .map(s -> before.provision(
                            s.created(), State.Running, vm.spec().account(), by))
                    .orElse(before);
        }
        var journal = lostAt().map(at -> before.stop(at, null, null)).orElse(before);
        return journal.state().isEmpty() && completeServer.isPresent()
                ? journal.start(completeServer.get().created(), null)
                : journal;
    }

    /** At the end, when nothing is left of it. */
    StatusJournal destroyed() {
        return FinalJournalEntry.append(
                before,
                Abandonment.of(vm.vm(), vm.spec().deletionPolicy()),
                observed().flatMap(s -> s.finished("delete_server")),
                Instant.parse(vm.vm().getMetadata().getDeletionTimestamp()),
                vm.now());
    }

    /** When the server of the last entry was lost: it is not there, or another is. */
    private Optional<Instant> lostAt() {
        if (before.state().isEmpty()) {
            return Optional.empty();
        }
        Optional<Instant> deleted =
                observed().flatMap(s -> s.finished("delete_server")).filter(before::isAfterLast);
        Long last = vm.status().map(PlainVmStatus::serverId).orElse(null);
        if (observed().filter(s -> s.servers() instanceof Absent).isPresent()) {
            return Optional.of(deleted.orElse(vm.now()));
        }
        return server().filter(now -> last != null && now.id() != last)
                .map(now -> deleted.filter(at -> at.isBefore(now.created())).orElse(now.created()));
    }

    private StatusJournal withTransfer(StatusJournal journal) {
        String account = vm.spec().account();
        return !journal.isActive()
                        || vm.deliveryStatus().isEmpty()
                        || vm.refusal().isPresent()
                        || journal.account().filter(account::equals).isPresent()
                ? journal
                : journal.transfer(
                        vm.now(),
                        account,
                        FieldManagers.lastWriter(vm.vm(), "account")
                                .map(FieldManager::name)
                                .orElse(null));
    }

    private Optional<ServerObservation> observed() {
        return vm.cloud().map(c -> c.server());
    }

    private Optional<Server> server() {
        return observed().flatMap(ServerObservation::server);
    }
}
