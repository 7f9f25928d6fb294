package dev.anchorhold.operator.fleet;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Orders the objects of each account for its quota: first those that exist in a cloud already, then the oldest. Kept up
 * as they change, so that asking for one does not go through all. An object that was once answered "there is room"
 * counts as existing from then on: one that was made in the same second, and comes to be seen later, cannot take its
 * place while it is being made. What its account would not take has no turn: nobody fills another's quota with what is refused.
 */
final class QuotaRanking<T extends HasMetadata> {
    private final Function<T, String> account;
    private final Predicate<T> stands;
    private final Predicate<T> isTaken;
    private final Set<String> present = new HashSet<>();
    private final Map<String, Turn> turns = new HashMap<>();
    private final Map<String, List<Turn>> inOrder = new HashMap<>();

    /** Of those that were made within a second nobody can tell the older: then any order will do. */
    private record Turn(String account, boolean stands, String created, String uid) {
        private static final Comparator<Turn> ORDER = Comparator.comparing((Turn it) -> !it.stands)
                .thenComparing(Turn::created)
                .thenComparing(Turn::uid);
    }

    /**
     * @param stands what an object that does never ceases to do
     * @param isTaken whether the account takes such an object, as long as it does not stand; what asks is taken
     */
    QuotaRanking(Function<T, String> account, Predicate<T> stands, Predicate<T> isTaken) {
        this.account = account;
        this.stands = stands;
        this.isTaken = isTaken;
    }

    /** @see TrimmedItemStore#onChange */
    synchronized void changed(T before, T now) {
        if (now != null) {
            present.add(uid(now));
            var turn = turn(now);
            if (turn.stands || isTaken.test(now)) {
                place(turn);
            } else {
                displace(turn.uid);
            }
        }
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            present.remove(uid(before));
            displace(uid(before));
        }
    }

    /** Whether fewer than the quota come before it. */
    synchronized boolean hasRoom(T object, int quota) {
        var turn = turn(object);
        boolean known = present.contains(turn.uid);
        if (known) {
            place(turn);
        }
        int before = Collections.binarySearch(inOrder.getOrDefault(turn.account, List.of()), turn, Turn.ORDER);
        boolean room = (before < 0 ? -before - 1 : before) < quota;
        if (known && room) {
            place(new Turn(turn.account, true, turn.created, turn.uid));
        }
        return room;
    }

    private Turn turn(T object) {
        var last = turns.get(uid(object));
        String of = account.apply(object);
        return new Turn(
                of,
                stands.test(object) || last != null && last.stands && last.account.equals(of),
                object.getMetadata().getCreationTimestamp(),
                uid(object));
    }

    private void place(Turn turn) {
        if (turn.equals(turns.get(turn.uid))) {
            return;
        }
        displace(turn.uid);
        turns.put(turn.uid, turn);
        var all = inOrder.computeIfAbsent(turn.account, _ -> new ArrayList<>());
        all.add(-Collections.binarySearch(all, turn, Turn.ORDER) - 1, turn);
    }

    private void displace(String uid) {
        var turn = turns.remove(uid);
        if (turn != null) {
            inOrder.computeIfPresent(turn.account, (_, all) -> {
                all.remove(Collections.binarySearch(all, turn, Turn.ORDER));
                return all.isEmpty() ? null : all;
            });
        }
    }

    private static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }
}
