package dev.anchorhold.cloud;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes of which nobody knows whether they happened (F09): until they have had the time to take effect, and everything of their uid was looked at
 * again after that, nothing of it is called absent. Guarded by the inventory's lock.
 */
public final class LostAnswers {
    private final Map<String, Instant> lost = new HashMap<>();
    private final Shared shared;
    private final List<Watched<?, ?>> kinds;

    public LostAnswers(Shared shared, List<Watched<?, ?>> kinds) {
        this.shared = shared;
        this.kinds = List.copyOf(kinds);
    }

    public void add(String uid) {
        lost.put(uid, shared.now().plus(shared.settings.settle()));
        shared.waits(uid);
        lookAgain(uid);
    }

    /** What is known of this uid's objects is in doubt: they are read again soon. */
    public void lookAgain(String uid) {
        var when = shared.now().plus(shared.settings.coalesce());
        kinds.stream().filter(Watched::isFollowed).forEach(kind -> kind.rereads.uid(uid, when));
    }

    public Optional<String> doubt(String uid) {
        return lost.containsKey(uid)
                ? Optional.of("an answer of the cloud was lost; looking for what came of it")
                : Optional.empty();
    }

    public Optional<Instant> due() {
        return lost.values().stream().min(Instant::compareTo);
    }

    /** Whatever a write whose answer was lost could do, it has done by now: from here on a look may find it absent. */
    public void settle() {
        lost.entrySet().removeIf(it -> {
            if (it.getValue().isAfter(shared.now())) return false;
            long number = shared.nextNumber();
            kinds.forEach(kind -> kind.rows.wrote(it.getKey(), number));
            lookAgain(it.getKey());
            return true;
        });
    }
}
