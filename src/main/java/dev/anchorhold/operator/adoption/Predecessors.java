package dev.anchorhold.operator.adoption;

import dev.anchorhold.ledger.event.RecordedResource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** In-memory record of what the books said of predecessors, and whose guests are taken over. Losing it costs a call. */
public final class Predecessors {
    private final Map<String, RecordedResource> recorded = new ConcurrentHashMap<>();
    private final Map<String, Boolean> guestsKept = new ConcurrentHashMap<>();

    public Optional<RecordedResource> recorded(String from) {
        return Optional.ofNullable(recorded.get(from));
    }

    void put(String from, RecordedResource it) {
        recorded.put(from, it);
    }

    /** Whether the predecessor's guest goes on; empty until that is settled. */
    public Optional<Boolean> guestKept(String from) {
        return Optional.ofNullable(guestsKept.get(from));
    }

    public void putGuestKept(String from, boolean kept) {
        guestsKept.put(from, kept);
    }
}
