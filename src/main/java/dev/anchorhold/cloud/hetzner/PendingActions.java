package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The actions that still run, and when to ask how far they are: first about when such an action usually ends, then ever more rarely, and
 * always many in one call. All of a uid's are asked for together, when the last of them should have ended, since nothing can
 * be done before. Guarded by the inventory's lock.
 */
final class PendingActions {
    private static final Duration DEFAULT_DURATION = Duration.ofSeconds(1);
    private static final Duration MAX_POLL_INTERVAL = Duration.ofSeconds(30);
    private static final Duration MAX_ROUND_INTERVAL = Duration.ofSeconds(5);
    private static final Duration MIN_POLL_INTERVAL = Duration.ofMillis(200);
    private static final int MAX_SAMPLES = 8;
    /** While so few run, somebody probably waits for one of them, and asking often costs little. */
    private static final int EAGER_BELOW = 8;

    private static final int MAX_MISSES = 3;

    private final Map<Long, Pending> running = new HashMap<>();
    private final ActionDurations durations = new ActionDurations();
    private Instant lastRound = Instant.MIN;

    /** {@code uid} is empty for what others started; {@code asked} null until it was asked for. */
    record Pending(Action action, String uid, Instant since, Instant asked, int missed) {}

    /** What is asked for together, from {@code due} on. */
    private record Group(List<Pending> members, Instant due) {}

    void add(Action action, String uid, Instant now) {
        running.putIfAbsent(action.id(), new Pending(action, uid, now, null, 0));
    }

    /** What others' actions, or old ones, tell of the usual lengths. */
    void record(Action action) {
        durations.record(action);
    }

    /** Takes news of an action; the entry comes back if that ended it. */
    Optional<Pending> observe(Action action, Instant now) {
        var it = running.get(action.id());
        if (it == null) return Optional.empty();
        if (action.running()) {
            running.put(action.id(), new Pending(it.action, it.uid, it.since, now, 0));
            return Optional.empty();
        }
        durations.record(action);
        return Optional.of(running.remove(action.id()));
    }

    /** The cloud did not name an action that it was asked for. After some times it comes back here, and is given up. */
    Optional<Pending> missed(long id, Instant now) {
        var it = running.get(id);
        if (it == null) return Optional.empty();
        if (it.missed + 1 >= MAX_MISSES) return Optional.of(running.remove(id));
        running.put(id, new Pending(it.action, it.uid, it.since, now, it.missed + 1));
        return Optional.empty();
    }

    /** When {@link #round} is worth calling next. */
    Optional<Instant> due() {
        return groups().findFirst().map(first -> first.due.isBefore(nextRound()) ? nextRound() : first.due);
    }

    /** The ids to ask for now, in calls of 25; the last call is filled up with what comes next, since that costs nothing. */
    List<Long> nextToPoll(Instant now) {
        var ids = new ArrayList<Long>();
        for (var group : groups().toList()) {
            boolean full = ids.size() % HetznerClient.ACTIONS_PER_CALL == 0;
            if (group.due.isAfter(now) && full) break;
            for (var member : group.members) {
                if (group.due.isAfter(now) && ids.size() % HetznerClient.ACTIONS_PER_CALL == 0) break;
                ids.add(member.action.id());
            }
        }
        lastRound = now;
        return ids;
    }

    /** In the order in which they are due. Of commands whose length nobody knows yet, the oldest few are asked for, to learn it. */
    private Stream<Group> groups() {
        var byUid = new HashMap<String, List<Pending>>();
        running.values().stream()
                .sorted(Comparator.comparing(Pending::since))
                .forEach(it -> byUid.computeIfAbsent(
                                it.uid.isEmpty() ? "#" + it.action.id() : it.uid, _ -> new ArrayList<>())
                        .add(it));
        var toLearn = new HashMap<String, Integer>();
        return byUid.values().stream()
                .sorted(Comparator.comparing(members -> members.getFirst().since))
                .filter(members -> members.stream()
                        .allMatch(it -> durations.knows(it.action.command())
                                || toLearn.merge(it.action.command(), 1, Integer::sum) <= MAX_SAMPLES))
                .map(members -> new Group(members, due(members)))
                .sorted(Comparator.comparing(Group::due));
    }

    private Instant due(List<Pending> members) {
        var first = members.stream()
                .map(it -> it.since.plus(
                        durations.expected(it.action.command(), eager()).orElse(DEFAULT_DURATION)))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        var again = members.stream()
                .filter(it -> it.asked != null && !it.asked.isBefore(first))
                .map(it -> it.asked.plus(gap(it)))
                .min(Comparator.naturalOrder());
        return again.orElse(first);
    }

    /** From one asking to the next. */
    private Duration gap(Pending it) {
        var age = Duration.between(it.since, it.asked);
        return durations
                .deviation(it.action.command())
                .map(slack -> between(max(age.dividedBy(8), eager() ? slack.dividedBy(2) : slack), MAX_POLL_INTERVAL))
                .orElseGet(() -> between(age.dividedBy(eager() ? 4 : 2), MAX_POLL_INTERVAL));
    }

    /** Rounds keep a distance of the longest usual slack of what runs: asking more often would find little more. */
    private Instant nextRound() {
        if (lastRound.equals(Instant.MIN)) return lastRound;
        var slack = running.values().stream()
                .map(it -> durations
                        .deviation(it.action.command())
                        .orElseGet(() -> Duration.between(it.since, lastRound).dividedBy(4)))
                .max(Comparator.naturalOrder())
                .orElse(MIN_POLL_INTERVAL);
        return lastRound.plus(between(eager() ? slack.dividedBy(2) : slack, MAX_ROUND_INTERVAL));
    }

    private boolean eager() {
        return running.size() <= EAGER_BELOW;
    }

    private static Duration between(Duration gap, Duration most) {
        if (gap.compareTo(MIN_POLL_INTERVAL) < 0) return MIN_POLL_INTERVAL;
        return gap.compareTo(most) > 0 ? most : gap;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    boolean contains(long id) {
        return running.containsKey(id);
    }

    List<Action> of(String uid) {
        return running.values().stream()
                .filter(it -> it.uid.equals(uid))
                .map(Pending::action)
                .sorted(Comparator.comparingLong(Action::id))
                .toList();
    }

    /** Whether an action on the object still runs: then its end is the time to look at it. */
    boolean isPending(long id, String type) {
        var target = new Action.Target(id, type);
        return running.values().stream().anyMatch(it -> it.action.resources().contains(target));
    }

    int size() {
        return running.size();
    }
}
