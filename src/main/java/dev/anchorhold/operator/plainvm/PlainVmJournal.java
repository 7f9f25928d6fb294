package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.operator.journal.StatusJournal;
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

    /** @param provisioned the server that is there is complete */
    StatusJournal next(boolean provisioned) {
        if (vm.deliveryStatus().isEmpty() || before.destroyed()) {
            return before;
        }
        Optional<Server> provisionedServer = server().filter(_ -> provisioned);
        if (!before.isActive()) {
            String by = FieldManagers.creator(vm.vm()).map(FieldManager::name).orElse(null);
            return provisionedServer
                    .map(s -> before.provision(
                            s.created(), State.Running, vm.spec().account(), by))
                    .orElse(before);
        }
        var journal = lostAt().map(at -> before.stop(at, null, null)).orElse(before);
        if (journal.state().isEmpty() && provisionedServer.isPresent()) {
            journal = journal.start(provisionedServer.get().created(), null);
        }
        return withTransfer(journal);
    }

    /** At the end, when nothing is left of it. */
    StatusJournal destroyed() {
        return FinalJournalEntry.append(
                before,
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
        return vm.refusal().isPresent()
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
