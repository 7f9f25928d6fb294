package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Random journals of resources, with all that the log accepts: also what says nothing new, and several events at one instant. */
final class RandomJournals {
    static final Instant BEGIN = Instant.parse("2026-08-29T21:13:07.000001Z");
    /** No event is later than this: the log accepts nothing from the future. */
    static final Instant END = Instant.parse("2026-11-24T17:20:16.123456Z");

    private static final List<String> ACCOUNTS = List.of("acme", "bolt", "core");
    private static final List<String> SIZES = List.of("small", "large");

    private final RandomGenerator random;

    RandomJournals(long seed) {
        this.random = new Random(seed);
    }

    /** A journal for each of so many resources; about half of them have ended. */
    List<ResourceJournal> journals(int resources, int maxEntries) {
        List<ResourceJournal> journals = new ArrayList<>();
        for (int i = 0; i < resources; i++) {
            journals.add(journal(i, 1 + random.nextInt(maxEntries)));
        }
        return journals;
    }

    private ResourceJournal journal(int number, int length) {
        Kind kind = random.nextInt(4) == 0 ? Kind.PlainVm : Kind.Agent;
        Subject subject = new Subject(
                kind,
                new UUID(random.nextLong(), random.nextLong()).toString(),
                "team-" + random.nextInt(2),
                kind.name().toLowerCase() + "-" + number,
                random.nextBoolean() ? "eu" : "us",
                any(SIZES));
        List<LedgerEntry> entries = new ArrayList<>();
        Instant at = BEGIN.plus(step().multipliedBy(3));
        String account = any(ACCOUNTS);
        State state = random.nextInt(5) == 0 && kind == Kind.Agent ? State.Paused : State.Running;
        entries.add(new LedgerEntry(1, at, EventType.PROVISION, state, account, null, "alice", null, volumeGiB(kind)));
        for (int sequence = 2; sequence <= length; sequence++) {
            at = at.plus(step());
            if (at.isAfter(END)) {
                break;
            }
            LedgerEntry next = next(sequence, at, kind, account, state);
            account = next.account();
            state = next.state();
            entries.add(next);
            if (next.event() == EventType.DESTROY) {
                break;
            }
        }
        return new ResourceJournal(subject, entries);
    }

    private LedgerEntry next(int sequence, Instant at, Kind kind, String account, State state) {
        Integer gib = volumeGiB(kind);
        return switch (random.nextInt(11)) {
            case 0 -> new LedgerEntry(sequence, at, EventType.DESTROY, null, account, null, null);
            case 1, 2 ->
                new LedgerEntry(sequence, at, EventType.TRANSFER, state, any(ACCOUNTS), account, "bob", null, gib);
            case 3, 4, 5, 6 ->
                new LedgerEntry(
                        sequence,
                        at,
                        EventType.STOP,
                        kind == Kind.Agent ? State.Paused : null,
                        account,
                        null,
                        null,
                        null,
                        gib);
            case 7 -> new LedgerEntry(sequence, at, EventType.RESIZE, state, account, null, null, null, gib);
            default -> new LedgerEntry(sequence, at, EventType.START, State.Running, account, null, null, null, gib);
        };
    }

    /** Mostly the same. */
    private Integer volumeGiB(Kind kind) {
        return kind == Kind.PlainVm
                ? null
                : switch (random.nextInt(8)) {
                    case 0 -> null;
                    case 1 -> 0;
                    case 2 -> 25;
                    default -> 10;
                };
    }

    /** From nothing to three weeks; often across midnight, now and then exactly to it. */
    private Duration step() {
        return switch (random.nextInt(6)) {
            case 0 -> Duration.ZERO;
            case 1 -> micros(random.nextLong(50_000));
            case 2 -> Duration.ofDays(random.nextInt(21));
            default -> micros(random.nextLong(Duration.ofDays(4).toMillis() * 1_000));
        };
    }

    private static Duration micros(long count) {
        return Duration.ofNanos(count * 1_000);
    }

    private String any(List<String> some) {
        return some.get(random.nextInt(some.size()));
    }

    /** One order in which the log may have them: each resource's in its own. */
    List<ResourceJournal> interleaved(List<ResourceJournal> journals) {
        List<Integer> positions = new ArrayList<>(journals.stream().map(_ -> 0).toList());
        List<ResourceJournal> order = new ArrayList<>();
        int left = journals.stream().mapToInt(it -> it.entries().size()).sum();
        while (left > 0) {
            int which = random.nextInt(journals.size());
            ResourceJournal journal = journals.get(which);
            int from = positions.get(which);
            int to = Math.min(journal.entries().size(), from + 1 + random.nextInt(3));
            if (from < to) {
                order.add(
                        new ResourceJournal(journal.subject(), journal.entries().subList(from, to)));
                positions.set(which, to);
                left -= to - from;
            }
        }
        return order;
    }
}
