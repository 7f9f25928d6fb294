package dev.anchorhold.ledger.crash;

import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Happening;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Random histories of resources, as an operator would tell them. */
final class Lives {
    private static final long LONGEST_STEP = Duration.ofDays(12).toNanos() / 1_000;

    private final Random random;
    private int made;

    Lives(long seed) {
        random = new Random(seed);
    }

    Journal one() {
        Kind kind = random.nextInt(4) == 0 ? Kind.PlainVm : Kind.Agent;
        String uid = new UUID(random.nextLong(), random.nextLong()).toString();
        var subject = new Subject(kind, uid, "customers", "it-" + ++made, random.nextBoolean() ? "eu" : "us", "small");
        List<Entry> entries = new ArrayList<>();
        Instant at = Instant.parse("2026-07-01T00:00:00Z");
        String account = account();
        State state = State.Running;
        for (int sequence = 1, length = 1 + random.nextInt(8); sequence <= length; sequence++) {
            at = at.plusNanos(1_000 * (random.nextInt(5) == 0 ? 0 : random.nextLong(LONGEST_STEP)));
            var event = sequence == 1 ? Happening.PROVISION : next(sequence == length);
            state = switch (event) {
                case PROVISION, START -> State.Running;
                case STOP -> kind == Kind.Agent ? State.Paused : null;
                case TRANSFER -> state;
                case DESTROY -> null;
            };
            String before = event == Happening.TRANSFER ? account : null;
            account = event == Happening.TRANSFER ? account() : account;
            entries.add(
                    new Entry(sequence, at, event, state, account, before, random.nextBoolean() ? "kubectl" : null));
        }
        return new Journal(subject, entries);
    }

    private Happening next(boolean last) {
        if (last && random.nextBoolean()) return Happening.DESTROY;
        return switch (random.nextInt(5)) {
            case 0, 1 -> Happening.STOP;
            case 2, 3 -> Happening.START;
            default -> Happening.TRANSFER;
        };
    }

    private String account() {
        return "account-" + random.nextInt(5);
    }
}
