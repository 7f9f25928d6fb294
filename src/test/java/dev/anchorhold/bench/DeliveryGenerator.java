package dev.anchorhold.bench;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Generates deliveries as a busy fleet makes them: every entry is of another resource, so that each is a look-up of its own.
 * Agents are made, paused and resumed; after ten entries each, others take their place.
 */
final class DeliveryGenerator {
    private static final int ACCOUNTS = 100;
    private static final long ENTRIES_PER_RESOURCE = 10;

    private final Random random = new Random(42);
    private Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS).minus(Duration.ofDays(10));
    private int made;

    private static final class GeneratedResource {
        final Subject subject;
        final String account;
        long sequence;

        GeneratedResource(Subject subject, String account) {
            this.subject = subject;
            this.account = account;
        }
    }

    /**
     * What callers deliver side by side, each one delivery after another, about resources of its own.
     *
     * @param count of all deliveries together
     */
    List<List<Delivery>> lanes(int callers, int count, int entries) {
        return Stream.generate(() -> lane(count / callers, entries))
                .limit(callers)
                .toList();
    }

    private List<Delivery> lane(int count, int entries) {
        List<GeneratedResource> resources = new ArrayList<>();
        return Stream.generate(() -> next(resources, entries)).limit(count).toList();
    }

    private Delivery next(List<GeneratedResource> resources, int entries) {
        List<ResourceJournal> journals = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            if (resources.size() == i) {
                resources.add(newResource());
            } else if (resources.get(i).sequence == ENTRIES_PER_RESOURCE) {
                resources.set(i, newResource());
            }
            journals.add(new ResourceJournal(resources.get(i).subject, List.of(next(resources.get(i)))));
        }
        return new Delivery(journals);
    }

    private GeneratedResource newResource() {
        String name = "agent-" + ++made;
        var uid = new UUID(random.nextLong(), random.nextLong()).toString();
        return new GeneratedResource(
                new Subject(Kind.Agent, uid, "customer-agents", name, made % 3 == 0 ? "us" : "eu", "small"),
                "account-" + random.nextInt(ACCOUNTS));
    }

    private LedgerEntry next(GeneratedResource resource) {
        now = now.plusNanos(1_000L * (1 + random.nextInt(1_000_000)));
        EventType event = ++resource.sequence == 1
                ? EventType.PROVISION
                : resource.sequence % 2 == 0 ? EventType.STOP : EventType.START;
        State state = event == EventType.STOP ? State.Paused : State.Running;
        return new LedgerEntry(
                resource.sequence, now, event, state, resource.account, null, "kubectl-client-side-apply");
    }
}
