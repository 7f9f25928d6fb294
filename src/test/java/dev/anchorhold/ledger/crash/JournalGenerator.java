package dev.anchorhold.ledger.crash;

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

/** Generates random journals of resources, as an operator would write them. */
final class JournalGenerator {
    private static final long MAX_STEP = Duration.ofDays(12).toNanos() / 1_000;

    private final Random random;
    private int count;

    JournalGenerator(long seed) {
        random = new Random(seed);
    }

    ResourceJournal generate() {
        Kind kind = random.nextInt(4) == 0 ? Kind.PlainVm : Kind.Agent;
        String uid = new UUID(random.nextLong(), random.nextLong()).toString();
        var subject = new Subject(kind, uid, "customers", "it-" + ++count, random.nextBoolean() ? "eu" : "us", "small");
        List<LedgerEntry> entries = new ArrayList<>();
        Instant at = Instant.parse("2026-07-01T00:00:00Z");
        String account = account();
        State state = State.Running;
        for (int sequence = 1, length = 1 + random.nextInt(8); sequence <= length; sequence++) {
            at = at.plusNanos(1_000 * (random.nextInt(5) == 0 ? 0 : random.nextLong(MAX_STEP)));
            var event = sequence == 1 ? EventType.PROVISION : next(sequence == length);
            state = switch (event) {
                case PROVISION, START -> State.Running;
                case STOP -> kind == Kind.Agent ? State.Paused : null;
                case TRANSFER, RESIZE -> state;
                case DESTROY -> null;
            };
            String before = event == EventType.TRANSFER ? account : null;
            account = event == EventType.TRANSFER ? account() : account;
            entries.add(new LedgerEntry(
                    sequence, at, event, state, account, before, random.nextBoolean() ? "kubectl" : null));
        }
        return new ResourceJournal(subject, entries);
    }

    private EventType next(boolean last) {
        if (last && random.nextBoolean()) return EventType.DESTROY;
        return switch (random.nextInt(5)) {
            case 0, 1 -> EventType.STOP;
            case 2, 3 -> EventType.START;
            default -> EventType.TRANSFER;
        };
    }

    private String account() {
        return "account-" + random.nextInt(5);
    }
}
