package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Schedules the polls of actions that still run, by their ids: first about when such an action usually ends, then ever
 * more rarely, and always many in one call. All of a uid's are asked for together, when the last of them should have
 * ended, since nothing can be done before. Where more of a kind may have ended than such a call holds,
 * {@link EndedActionsSchedule} says when one list tells of all that have. Guarded by the inventory's lock.
 */
final class PendingActions {
    private static final Duration MAX_POLL_INTERVAL = Duration.ofSeconds(30);
    private static final Duration MAX_ROUND_INTERVAL = Duration.ofSeconds(5);
    static final Duration MIN_POLL_INTERVAL = Duration.ofMillis(200);
    private static final int MAX_SAMPLES = 8;
    /** While so few run, somebody probably waits for one of them, and asking often costs little. */
    private static final int EAGER_BELOW = 12;

    private static final int MAX_MISSES = 3;

    private final Map<Long, Pending> running = new HashMap<>();
    private final Map<String, TreeSet<Long>> groups = new HashMap<>();
    private final Map<Action.Target, Integer> concerned = new HashMap<>();
    private final ActionDurations durations = new ActionDurations();
    private final EndedActionsSchedule ended =
            new EndedActionsSchedule(durations, () -> groups.keySet().stream().map(this::members), () -> stale = true);
    private Instant nextRound = Instant.MIN;
    private Instant due;
    private boolean stale = true;

    /** {@code uid} is empty for what others started; {@code asked} null until it was asked for by its id. */
    record Pending(Action action, String uid, Instant since, Instant asked, int missed) {
        private String group() {
            return uid.isEmpty() ? "#" + action.id() : uid;
        }

        private Pending asked(Instant now, int missed) {
            return new Pending(action, uid, since, now, missed);
        }
    }

    /** What is asked for together, from {@code due} on. */
    private record Group(List<Pending> members, Instant due) {}

    void add(Action action, String uid, Instant now) {
        var it = new Pending(action, uid, now, null, 0);
        if (running.putIfAbsent(action.id(), it) != null) return;
        groups.computeIfAbsent(it.group(), _ -> new TreeSet<>()).add(action.id());
        action.resources().forEach(target -> concerned.merge(target, 1, Integer::sum));
        ended.changed();
        var first = first(members(it.group()));
        if (due == null || first.isBefore(due))
            due = first; // too early costs nothing: then the round finds nobody to ask for
        if (running.size() == EAGER_BELOW + 1) stale = true;
    }

    private Pending remove(long id) {
        var it = running.remove(id);
        groups.computeIfPresent(it.group(), (_, ids) -> ids.remove(id) && ids.isEmpty() ? null : ids);
        it.action.resources().forEach(target -> concerned.merge(target, -1, (a, b) -> a + b == 0 ? null : a + b));
        changed();
        return it;
    }

    private void changed() {
        stale = true;
        ended.changed();
    }

    /** Learns the usual durations from others' actions, or old ones. */
    void record(Action action) {
        durations.record(action);
        changed();
    }

    /** Takes the state of an action; returns the entry if that ended it. */
    Optional<Pending> observe(Action action, Instant now) {
        var it = running.get(action.id());
        if (it == null) return Optional.empty();
        if (action.running()) {
            running.put(action.id(), it.asked(now, 0));
            stale = true;
            return Optional.empty();
        }
        durations.record(action);
        return Optional.of(remove(action.id()));
    }

    /** The cloud did not name an action that it was asked for. After some times it comes back here, and is given up. */
    Optional<Pending> missed(long id, Instant now) {
        var it = running.get(id);
        if (it == null) return Optional.empty();
        if (it.missed + 1 >= MAX_MISSES) return Optional.of(remove(id));
        running.put(id, it.asked(now, it.missed + 1));
        stale = true;
        return Optional.empty();
    }

    // ---- asking by ids

    /** When {@link #round} is worth calling next. */
    Optional<Instant> due(Instant now) {
        if (running.isEmpty()) return Optional.empty();
        if (stale) due = groups(now).findFirst().map(Group::due).orElse(null);
        stale = false;
        return Optional.ofNullable(due).map(first -> later(first, nextRound));
    }

    /** The ids to ask for now, in calls of 25; the last call is filled up with what comes next, since that costs nothing. */
    List<Long> nextToPoll(Instant now) {
        var ids = new ArrayList<Long>();
        for (var group : groups(now).toList()) {
            if (group.due.isAfter(now)) break;
            group.members.forEach(it -> ids.add(it.action.id()));
        }
        stale = true;
        if (ids.isEmpty()) return ids;
        nextRound = now.plus(pace(now));
        Stream.concat(overdue(now), groups(now).flatMap(group -> group.members.stream()))
                .filter(it -> !ended.tellsOf(it.action, now))
                .map(it -> it.action.id())
                .distinct()
                .filter(id -> !ids.contains(id))
                .limit(Math.floorMod(-ids.size(), HetznerClient.ACTIONS_PER_CALL))
                .toList()
                .forEach(ids::add);
        return ids;
    }

    /** What should have ended long ago, though others of its uid have not. */
    private Stream<Pending> overdue(Instant now) {
        return running.values().stream()
                .filter(it -> it.asked == null
                        && !it.since
                                .plus(durations.expected(it.action.command(), 2))
                                .isAfter(now))
                .sorted(Comparator.comparing(Pending::since));
    }

    /** In the order in which they are due. Of commands whose length nobody knows yet, the oldest few are asked for, to learn it. */
    private Stream<Group> groups(Instant now) {
        var toLearn = new HashMap<String, Integer>();
        return groups.keySet().stream()
                .map(this::members)
                .sorted(Comparator.comparing(members -> members.getFirst().since))
                .filter(members -> members.stream().anyMatch(it -> ended.tellsOf(it.action, now))
                        || members.stream()
                                .allMatch(it -> durations.knows(it.action.command())
                                        || toLearn.merge(it.action.command(), 1, Integer::sum) <= MAX_SAMPLES))
                .map(members -> new Group(members, due(members, now)))
                .sorted(Comparator.comparing(Group::due));
    }

    private List<Pending> members(String group) {
        return groups.get(group).stream().map(running::get).toList();
    }

    private Instant due(List<Pending> members, Instant now) {
        var first = first(members);
        if (members.stream().anyMatch(it -> ended.tellsOf(it.action, now))) return inCaseTheListFails(members, first);
        return members.stream()
                .filter(it -> it.asked != null && !it.asked.isBefore(first))
                .map(it -> it.asked.plus(gap(it)))
                .min(Comparator.naturalOrder())
                .orElse(first);
    }

    private Instant first(List<Pending> members) {
        return members.stream()
                .map(it -> it.since.plus(durations.expected(it.action.command(), isEager() ? -1 : 0)))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Instant inCaseTheListFails(List<Pending> members, Instant first) {
        return members.stream()
                .flatMap(it -> Stream.ofNullable(it.asked))
                .reduce(first, PendingActions::later)
                .plus(MAX_POLL_INTERVAL);
    }

    /** From one asking to the next. */
    private Duration gap(Pending it) {
        var age = Duration.between(it.since, it.asked);
        return durations
                .deviation(it.action.command())
                .map(slack -> between(
                        isEager() ? max(age.dividedBy(16), slack.dividedBy(4)) : max(age.dividedBy(8), slack),
                        MAX_POLL_INTERVAL))
                .orElseGet(() -> between(age.dividedBy(isEager() ? 4 : 2), MAX_POLL_INTERVAL));
    }

    /** Polls keep a distance of the longest usual slack of what runs: asking more often would find little more. */
    private Duration pace(Instant now) {
        if (ended.tellsOfAny(now)) return MIN_POLL_INTERVAL; // and the lists set the pace
        var slack = running.values().stream()
                .map(it -> durations
                        .deviation(it.action.command())
                        .orElseGet(() -> Duration.between(it.since, now).dividedBy(isEager() ? 4 : 2)))
                .max(Comparator.naturalOrder())
                .orElse(MIN_POLL_INTERVAL);
        return between(isEager() ? slack.dividedBy(4) : slack.dividedBy(2), MAX_ROUND_INTERVAL);
    }

    /** Whether so few run that somebody probably waits for one of them. */
    boolean isEager() {
        return running.size() <= EAGER_BELOW;
    }

    // ---- asking by lists of what has ended

    /** When a list of the kind's actions that ended last is worth its call; empty while ids do. */
    Optional<Instant> listDue(String kind, Instant now) {
        return running.isEmpty() ? Optional.empty() : ended.due(kind, now);
    }

    /** The list was read, from {@code now} on. */
    void listed(String kind, Instant now) {
        ended.listed(kind, now);
        stale = true;
    }

    // ---- answering

    boolean contains(long id) {
        return running.containsKey(id);
    }

    List<Action> of(String uid) {
        return groups.containsKey(uid)
                ? members(uid).stream().map(Pending::action).toList()
                : List.of();
    }

    /** Whether an action on the object still runs: then its end is the time to look at it. */
    boolean isPending(long id, String type) {
        return concerned.containsKey(new Action.Target(id, type));
    }

    int size() {
        return running.size();
    }

    private static Duration between(Duration gap, Duration most) {
        if (gap.compareTo(MIN_POLL_INTERVAL) < 0) return MIN_POLL_INTERVAL;
        return gap.compareTo(most) > 0 ? most : gap;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
