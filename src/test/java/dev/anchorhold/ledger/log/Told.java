package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What an operator might tell. */
final class Told {
    static final Instant START = Instant.parse("2026-03-02T10:00:00.000001Z");
    static final String ACCOUNT = "ada";

    private Told() {}

    static Subject agent() {
        return new Subject(Kind.Agent, UUID.randomUUID().toString(), "team", "blue \"whale\" \\ ü", "eu", "small");
    }

    static Subject plainVm() {
        return new Subject(Kind.PlainVm, UUID.randomUUID().toString(), "team", "box", "us", "large");
    }

    static Instant at(long sequence) {
        return START.plusSeconds(60 * sequence);
    }

    static Entry provision() {
        return entry(1, Happening.PROVISION);
    }

    static Entry stop(long sequence) {
        return entry(sequence, Happening.STOP);
    }

    static Entry start(long sequence) {
        return entry(sequence, Happening.START);
    }

    static Entry destroy(long sequence) {
        return entry(sequence, Happening.DESTROY);
    }

    static Entry transfer(long sequence, String from, String to) {
        return new Entry(sequence, at(sequence), Happening.TRANSFER, State.Running, to, from, "kubectl-edit");
    }

    static Entry entry(long sequence, Happening event) {
        return entry(sequence, at(sequence), event, ACCOUNT);
    }

    static Entry entry(long sequence, Instant at, Happening event, String account) {
        State state = switch (event) {
            case DESTROY -> null;
            case STOP -> State.Paused;
            default -> State.Running;
        };
        return new Entry(sequence, at, event, state, account, null, null);
    }

    /** A provision, then a stop, a start, a stop …: so many in all, from a sequence on. */
    static Journal life(Subject subject, int from, int to) {
        return new Journal(
                subject,
                IntStream.rangeClosed(from, to)
                        .mapToObj(i -> i == 1 ? provision() : i % 2 == 0 ? stop(i) : start(i))
                        .toList());
    }

    static Journal journal(Subject subject, Entry... entries) {
        return new Journal(subject, List.of(entries));
    }

    static Delivery delivery(Journal... journals) {
        return new Delivery(List.of(journals));
    }

    static Delivery delivery(Subject subject, Entry... entries) {
        return delivery(journal(subject, entries));
    }

    /** So many events, each the provision of another Agent. */
    static Delivery provisions(int number) {
        return new Delivery(Stream.generate(() -> journal(agent(), provision()))
                .limit(number)
                .toList());
    }
}
