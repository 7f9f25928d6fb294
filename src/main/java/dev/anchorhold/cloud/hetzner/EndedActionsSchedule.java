package dev.anchorhold.cloud.hetzner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * When to read the list of a kind's actions that ended last, instead of asking for each by its id: it tells in one call of all that have ended, however
 * many still run. Worth it as soon as more may have ended than a call by ids holds; then again after as long as the waiting that it ends
 * is worth a call. Guarded by the inventory's lock.
 */
final class EndedActionsSchedule {
    /** So much waiting, of all who wait taken together, is worth two calls: the list, and one that reads what the ended ones changed. */
    private static final Duration WORTH_A_READING = Duration.ofSeconds(5);

    private static final Duration LONGEST_GAP = Duration.ofSeconds(30);

    private final ActionDurations actionDurations;
    private final Supplier<Stream<List<PendingActions.Pending>>> groups;
    private final Runnable whenComputed;
    private final Map<String, Instant> next = new HashMap<>();
    private Map<String, Instant> worthIt = Map.of();
    private Instant computed = Instant.MIN;
    private boolean stale = true;

    /**
     * @param groups what is awaited together: nobody waits for one of it before the last of it should have ended
     * @param whenComputed is told that {@link #tellsOf} may answer otherwise from now on
     */
    EndedActionsSchedule(
            ActionDurations actionDurations,
            Supplier<Stream<List<PendingActions.Pending>>> groups,
            Runnable whenComputed) {
        this.actionDurations = actionDurations;
        this.groups = groups;
        this.whenComputed = whenComputed;
    }

    /** The kind of object that an action counts for: its server, if it is about one. */
    private static String kind(Action action) {
        var types = action.resources().stream().map(Action.Target::type).toList();
        return types.contains("server") || types.isEmpty() ? "server" : types.getFirst();
    }

    void changed() {
        stale = true;
    }

    /** Whether such a list is read now for the kind, and so tells of this action when it has ended. */
    boolean tellsOf(Action action, Instant now) {
        return isRead(worthIt.get(kind(action)), now);
    }

    boolean tellsOfAny(Instant now) {
        return worthIt.values().stream().anyMatch(from -> isRead(from, now));
    }

    private static boolean isRead(Instant from, Instant now) {
        return from != null && !from.isAfter(now);
    }

    Optional<Instant> due(String kind, Instant now) {
        var earliest = computed.equals(Instant.MIN) ? now : computed.plus(PendingActions.MIN_POLL_INTERVAL);
        if (stale && earliest.isAfter(now)) return Optional.of(earliest);
        if (stale) compute(now);
        return Optional.ofNullable(worthIt.get(kind)).map(from -> later(from, next.getOrDefault(kind, from)));
    }

    private void compute(Instant now) {
        var mayHaveEnded = new HashMap<String, List<Instant>>();
        groups.get().forEach(members -> {
            var last = last(members);
            var kind = kind(last.action());
            members.stream()
                    .filter(it -> kind(it.action()).equals(kind))
                    .forEach(_ -> mayHaveEnded
                            .computeIfAbsent(kind, _ -> new ArrayList<>())
                            .add(mayEnd(last)));
        });
        worthIt = new HashMap<>();
        mayHaveEnded.forEach((kind, instants) -> {
            if (instants.size() > HetznerClient.ACTIONS_PER_CALL)
                worthIt.put(
                        kind,
                        instants.stream()
                                .sorted()
                                .skip(HetznerClient.ACTIONS_PER_CALL)
                                .findFirst()
                                .orElseThrow());
        });
        computed = now;
        stale = false;
        whenComputed.run();
    }

    private PendingActions.Pending last(List<PendingActions.Pending> members) {
        return members.stream()
                .max(Comparator.comparing(this::mayEnd)
                        .thenComparing(it -> it.action().id()))
                .orElseThrow();
    }

    private Instant mayEnd(PendingActions.Pending it) {
        return it.since().plus(actionDurations.expected(it.action().command(), -2));
    }

    /** The list was read. The next reading is due when its finds, at the rate at which actions may end now, make it worth a call. */
    void listed(String kind, Instant now) {
        double perSecond = 0;
        double oldestUnknown = 0;
        double pace = seconds(LONGEST_GAP);
        for (var members : groups.get().toList()) {
            var last = last(members);
            if (!kind(last.action()).equals(kind) || mayEnd(last).isAfter(now)) continue;
            double age = seconds(Duration.between(last.since(), now));
            var slack = actionDurations.deviation(last.action().command());
            if (slack.isEmpty()) oldestUnknown = Math.max(oldestUnknown, age);
            else
                perSecond += 1
                        / Math.max(
                                4 * seconds(slack.get()),
                                age
                                        - seconds(actionDurations.expected(
                                                last.action().command(), 0)));
        }
        if (oldestUnknown > 0) pace = Math.min(pace, oldestUnknown / 2.5);
        if (perSecond > 0) pace = Math.min(pace, Math.sqrt(2 * seconds(WORTH_A_READING) / perSecond));
        var wait = Duration.ofMillis((long) (pace * 1e3));
        next.put(
                kind,
                now.plus(
                        wait.compareTo(PendingActions.MIN_POLL_INTERVAL) < 0
                                ? PendingActions.MIN_POLL_INTERVAL
                                : wait));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }
}
