package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Records by a watch all that ever stood in the journals of a namespace, and asserts that no entry ever changes. */
final class JournalHistory implements AutoCloseable {
    private final Map<Subject, Map<Long, LedgerEntry>> recorded = new ConcurrentHashMap<>();
    private final List<String> wrong = new CopyOnWriteArrayList<>();
    private final List<SharedIndexInformer<?>> watches;

    JournalHistory(KubernetesClient kubernetes, String namespace) {
        watches = List.of(
                watch(kubernetes.resources(Agent.class).inNamespace(namespace), JournalHistory::journal),
                watch(kubernetes.resources(PlainVm.class).inNamespace(namespace), JournalHistory::journal));
        await("all to be watched").until(() -> watches.stream().allMatch(SharedIndexInformer::hasSynced));
    }

    /** A fresh API server is not ready for it at once: it tries again, as long as it takes. */
    private <T extends HasMetadata> SharedIndexInformer<T> watch(
            Informable<T> objects, Function<T, List<JournalEntry>> journal) {
        var watch = objects.runnableInformer(0);
        watch.addEventHandler(new Listener<>(journal))
                .exceptionHandler((_, _) -> true)
                .start();
        return watch;
    }

    static List<JournalEntry> journal(Agent it) {
        return it.getStatus() == null ? List.of() : it.getStatus().journal();
    }

    static List<JournalEntry> journal(PlainVm it) {
        return it.getStatus() == null ? List.of() : it.getStatus().journal();
    }

    private final class Listener<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final Function<T, List<JournalEntry>> journal;

        Listener(Function<T, List<JournalEntry>> journal) {
            this.journal = journal;
        }

        @Override
        public void onAdd(T it) {
            journal.apply(it).forEach(e -> note(subject(it), entry(e)));
        }

        @Override
        public void onUpdate(T before, T it) {
            onAdd(it);
        }

        @Override
        public void onDelete(T it, boolean unknown) {
            onAdd(it);
        }
    }

    private void note(Subject subject, LedgerEntry entry) {
        var before = recorded.computeIfAbsent(subject, _ -> new ConcurrentSkipListMap<>())
                .putIfAbsent(entry.sequence(), entry);
        if (before != null && !before.equals(entry)) wrong.add(before + " became " + entry);
    }

    /** Everything, whole from the first entry on. */
    List<ResourceJournal> journals() {
        assertThat(wrong).isEmpty();
        return recorded.entrySet().stream()
                .map(it -> new ResourceJournal(
                        it.getKey(), List.copyOf(it.getValue().values())))
                .toList();
    }

    /** What was told of the one that had the name last, in its order: {@code provision, stop, …}. */
    List<String> ofLatest(String name) {
        return journals().stream()
                .filter(it -> it.subject().name().equals(name))
                .max(Comparator.comparing(it -> it.entries().getFirst().at()))
                .stream()
                .flatMap(it -> it.entries().stream())
                .map(it -> it.event().wire())
                .toList();
    }

    private static Subject subject(HasMetadata it) {
        var metadata = it.getMetadata();
        return switch (it) {
            case Agent agent ->
                new Subject(
                        Kind.Agent,
                        metadata.getUid(),
                        metadata.getNamespace(),
                        metadata.getName(),
                        agent.getStatus().region(),
                        agent.getStatus().size());
            case PlainVm vm ->
                new Subject(
                        Kind.PlainVm,
                        metadata.getUid(),
                        metadata.getNamespace(),
                        metadata.getName(),
                        vm.getSpec().region().key(),
                        vm.getSpec().size());
            default -> throw new IllegalArgumentException(it.getKind());
        };
    }

    private static LedgerEntry entry(JournalEntry it) {
        return new LedgerEntry(
                it.sequence(),
                Instant.parse(it.at()),
                EventType.of(it.event()),
                it.state() == null ? null : State.valueOf(it.state()),
                it.account(),
                it.previousAccount(),
                it.by());
    }

    @Override
    public void close() {
        watches.forEach(SharedIndexInformer::close);
    }
}
