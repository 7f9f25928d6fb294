package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The actions that still run, and when to ask how far they are: first about when such an action usually ends, then ever more rarely, and
 * always many in one call. Guarded by the inventory's lock.
 */
final class PendingActions {
    private static final Duration FIRST_GUESS = Duration.ofSeconds(1);
    private static final Duration LONGEST_GAP = Duration.ofSeconds(30);
    private static final Duration SHORTEST_GAP = Duration.ofMillis(200);
    private static final int MISSED_TOO_OFTEN = 3;

    private final Map<Long, Pending> running = new HashMap<>();
    private final Typical typical = new Typical();
    private Instant nextRound = Instant.MIN;

    /** {@code uid} is empty for what others started. */
    record Pending(Action action, String uid, Instant since, Instant nextAsk, int missed) {
        Pending ask(Instant when) {
            return new Pending(action, uid, since, when, missed);
        }
    }

    void add(Action action, String uid, Instant now) {
        var length = typical.length(action.command()).orElse(FIRST_GUESS);
        running.putIfAbsent(action.id(), new Pending(action, uid, now, now.plus(length), 0));
    }

    /** Takes news of an action; the entry comes back if that ended it. */
    Optional<Pending> observe(Action action, Instant now) {
        var pending = running.get(action.id());
        if (pending == null) return Optional.empty();
        if (action.running()) {
            running.put(action.id(), pending.ask(now.plus(gap(pending, now))));
            return Optional.empty();
        }
        typical.learn(action);
        running.remove(action.id());
        return Optional.of(pending);
    }

    /** The cloud did not name an action that it was asked for. After some times it comes back here, and is given up. */
    Optional<Pending> missed(long id, Instant now) {
        var pending = running.get(id);
        if (pending == null) return Optional.empty();
        if (pending.missed + 1 >= MISSED_TOO_OFTEN) return Optional.ofNullable(running.remove(id));
        running.put(
                id,
                new Pending(
                        pending.action, pending.uid, pending.since, now.plus(gap(pending, now)), pending.missed + 1));
        return Optional.empty();
    }

    /** When {@link #round} is worth calling next. */
    Optional<Instant> due() {
        return running.values().stream()
                .map(Pending::nextAsk)
                .min(Comparator.naturalOrder())
                .map(first -> first.isBefore(nextRound) ? nextRound : first);
    }

    /**
     * The ids to ask for now, in calls of 25. The last call is filled up with those that come next, since that costs nothing; of commands whose
     * length nobody knows yet only the oldest few are asked for, to learn it.
     */
    List<Long> round(Instant now) {
        var inOrder = running.values().stream()
                .sorted(Comparator.comparing(Pending::nextAsk).thenComparing(Pending::since))
                .toList();
        var ids = new ArrayList<Long>();
        var toLearn = new HashMap<String, Integer>();
        for (var pending : inOrder) {
            boolean due = !pending.nextAsk.isAfter(now);
            boolean full = ids.size() % HetznerClient.ACTIONS_PER_CALL == 0;
            if (!due && full) break;
            if (!typical.knows(pending.action.command())) {
                int asked = toLearn.merge(pending.action.command(), 1, Integer::sum);
                if (asked > HetznerClient.ACTIONS_PER_CALL / 2) {
                    running.put(pending.action.id(), pending.ask(now.plus(gap(pending, now))));
                    continue;
                }
            }
            ids.add(pending.action.id());
        }
        nextRound = now.plus(pace());
        return ids;
    }

    /** The longest usual slack of what runs: asking more often would find little more. */
    private Duration pace() {
        return running.values().stream()
                .map(p -> typical.slack(p.action.command()).orElse(SHORTEST_GAP))
                .max(Comparator.naturalOrder())
                .map(slack -> between(slack.dividedBy(2)))
                .orElse(SHORTEST_GAP);
    }

    private Duration gap(Pending pending, Instant now) {
        var age = Duration.between(pending.since, now);
        return typical.slack(pending.action.command())
                .map(slack -> between(age.dividedBy(8).compareTo(slack) > 0 ? age.dividedBy(8) : slack))
                .orElseGet(() -> between(age.dividedBy(2)));
    }

    private static Duration between(Duration gap) {
        if (gap.compareTo(SHORTEST_GAP) < 0) return SHORTEST_GAP;
        return gap.compareTo(LONGEST_GAP) > 0 ? LONGEST_GAP : gap;
    }

    boolean contains(long id) {
        return running.containsKey(id);
    }

    List<Action> of(String uid) {
        return running.values().stream()
                .filter(pending -> pending.uid.equals(uid))
                .map(Pending::action)
                .sorted(Comparator.comparingLong(Action::id))
                .toList();
    }

    /** Whether one of our own actions on the object still runs. */
    boolean concern(long id, String type) {
        return running.values().stream().anyMatch(p -> p.action.resources().contains(new Action.Target(id, type)));
    }

    int size() {
        return running.size();
    }
}
