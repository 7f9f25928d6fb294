package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sample journal entries, as an operator might deliver them. */
final class SampleEntries {
    static final Instant START = Instant.parse("2026-03-02T10:00:00.000001Z");
    static final String ACCOUNT = "ada";

    private SampleEntries() {}

    static Subject agent() {
        return new Subject(Kind.Agent, UUID.randomUUID().toString(), "team", "blue \"whale\" \\ ü", "eu", "small");
    }

    static Subject plainVm() {
        return new Subject(Kind.PlainVm, UUID.randomUUID().toString(), "team", "box", "us", "large");
    }

    static Instant at(long sequence) {
        return START.plusSeconds(60 * sequence);
    }

    static LedgerEntry provision() {
        return entry(1, EventType.PROVISION);
    }

    static LedgerEntry stop(long sequence) {
        return entry(sequence, EventType.STOP);
    }

    static LedgerEntry start(long sequence) {
        return entry(sequence, EventType.START);
    }

    static LedgerEntry destroy(long sequence) {
        return entry(sequence, EventType.DESTROY);
    }

    static LedgerEntry transfer(long sequence, String from, String to) {
        return new LedgerEntry(sequence, at(sequence), EventType.TRANSFER, State.Running, to, from, "kubectl-edit");
    }

    static LedgerEntry entry(long sequence, EventType event) {
        return entry(sequence, at(sequence), event, ACCOUNT);
    }

    static LedgerEntry entry(long sequence, Instant at, EventType event, String account) {
        State state = switch (event) {
            case DESTROY -> null;
            case STOP -> State.Paused;
            default -> State.Running;
        };
        return new LedgerEntry(sequence, at, event, state, account, null, null, null, state == null ? null : 10);
    }

    /** A provision, then a stop, a start, a stop …: so many in all, from a sequence on. */
    static ResourceJournal consecutive(Subject subject, int from, int to) {
        return new ResourceJournal(
                subject,
                IntStream.rangeClosed(from, to)
                        .mapToObj(i -> i == 1 ? provision() : i % 2 == 0 ? stop(i) : start(i))
                        .toList());
    }

    static ResourceJournal journal(Subject subject, LedgerEntry... entries) {
        return new ResourceJournal(subject, List.of(entries));
    }

    static Delivery delivery(ResourceJournal... journals) {
        return new Delivery(List.of(journals));
    }

    static Delivery delivery(Subject subject, LedgerEntry... entries) {
        return delivery(journal(subject, entries));
    }

    /** So many events, each the provision of another Agent. */
    static Delivery provisions(int number) {
        return new Delivery(Stream.generate(() -> journal(agent(), provision()))
                .limit(number)
                .toList());
    }
}
