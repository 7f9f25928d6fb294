package dev.anchorhold.cloud;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tracks writes whose outcome is unknown (F09): until they have had the time to take effect, and everything of their
 * uid was read again after that, nothing of it is called absent. Guarded by the inventory's lock.
 */
public final class UnknownOutcomes {
    private final Map<String, Instant> lost = new HashMap<>();
    private final InventoryContext context;
    private final List<CloudInformer<?, ?>> kinds;

    public UnknownOutcomes(InventoryContext inventoryContext, List<CloudInformer<?, ?>> kinds) {
        this.context = inventoryContext;
        this.kinds = List.copyOf(kinds);
    }

    public void add(String uid) {
        lost.put(uid, context.now().plus(context.settings.settleTime()));
        context.addWaiter(uid);
        requestReread(uid);
    }

    /** What is known of this uid's objects may be outdated: they are read again soon. */
    public void requestReread(String uid) {
        var when = context.now().plus(context.settings.coalesceDelay());
        kinds.stream().filter(CloudInformer::isEnabled).forEach(kind -> kind.rereadQueue.addUid(uid, when));
    }

    public Optional<String> whyUnknown(String uid) {
        return lost.containsKey(uid)
                ? Optional.of("an answer of the cloud was lost; looking for what came of it")
                : Optional.empty();
    }

    public Optional<Instant> due() {
        return lost.values().stream().min(Instant::compareTo);
    }

    /** Whatever a write whose answer was lost could do, it has done by now: from here on a read may find it absent. */
    public void expire() {
        lost.entrySet().removeIf(it -> {
            if (it.getValue().isAfter(context.now())) return false;
            long number = context.nextSequence();
            kinds.forEach(kind -> kind.store.recordWrite(it.getKey(), number));
            requestReread(it.getKey());
            return true;
        });
    }
}
