package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Recent;
import dev.anchorhold.cloud.Shared;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the cloud does, and what follows for us: our own actions are awaited, all of a uid's together (F04); what others started is followed
 * to its end; then the objects that it named are read again. Guarded by the inventory's lock.
 */
final class Happenings {
    private final Shared shared;
    private final PendingActions pending;
    private final Map<String, Followed<?>> kinds;
    private final Map<Long, Boolean> done = new Recent<>(20_000);
    private final Map<Long, Boolean> strangers = new Recent<>(20_000);
    private final Map<String, Set<Action.Target>> touched = new HashMap<>();
    private final Map<String, List<Action>> failed = new HashMap<>();
    private final Map<String, List<Unread>> unread = new HashMap<>();
    private final Map<String, Map<String, Instant>> finished = new HashMap<>();

    /** An action of ours that has succeeded, and whose objects bear older news than {@code number}. */
    private record Unread(Action action, long number) {}

    Happenings(Shared shared, PendingActions pending, Map<String, Followed<?>> kinds) {
        this.shared = shared;
        this.pending = pending;
        this.kinds = kinds;
    }

    /** Actions that a write of ours started. */
    void ours(String uid, List<Action> actions) {
        for (var action : actions) {
            forgetFailures(uid, action.command());
            if (action.running()) pending.add(action, uid, shared.now());
            else ended(action, uid);
        }
        shared.changed(uid);
    }

    /** News of an action, from a feed or because we asked. */
    void news(Action action) {
        // First what is awaited: a feed may have shown its end before the answer of the write that started it was here.
        if (pending.contains(action.id())) {
            pending.observe(action, shared.now()).ifPresent(it -> ended(action, it.uid()));
        } else if (done.containsKey(action.id())) {
            return;
        } else if (action.resources().stream().anyMatch(target -> concernsUs(target, action))) {
            if (action.running()) pending.add(action, "", shared.now());
            else ended(action, "");
        }
    }

    /** The cloud no longer knows an action that it was asked for: its end was missed, so look at what it was about. */
    void lost(long id) {
        pending.missed(id, shared.now()).ifPresent(it -> settle(it.action(), it.uid()));
    }

    private void ended(Action action, String uid) {
        if (action.failed() && !uid.isEmpty())
            failed.computeIfAbsent(uid, _ -> new ArrayList<>()).add(action);
        if (!action.failed()) finished(action, uid);
        if (action.command().equals("delete_server") && !action.failed())
            action.resources().stream()
                    .filter(target -> target.type().equals("server"))
                    .forEach(target -> kinds.get("server").remove(target.id(), shared.nextNumber()));
        settle(action, uid);
    }

    /** Somebody else's action is of those whose servers it was about. */
    private void finished(Action action, String uid) {
        if (action.finished() == null) return;
        var servers = kinds.get("server");
        var whose = uid.isEmpty()
                ? action.resources().stream()
                        .filter(target -> target.type().equals("server"))
                        .flatMap(target -> servers.rows.owner(target.id()).stream())
                        .toList()
                : List.of(uid);
        for (var it : whose)
            if (!it.isEmpty())
                finished.computeIfAbsent(it, _ -> new HashMap<>()).put(action.command(), action.finished());
    }

    private void settle(Action action, String uid) {
        done.put(action.id(), true);
        if (!uid.isEmpty() && !action.failed())
            unread.computeIfAbsent(uid, _ -> new ArrayList<>()).add(new Unread(action, shared.nextNumber()));
        var targets = touched.computeIfAbsent(uid, _ -> new HashSet<>());
        targets.addAll(action.resources());
        if (!uid.isEmpty() && !pending.of(uid).isEmpty()) return;
        touched.remove(uid);
        var when = shared.now().plus(shared.settings.coalesce());
        for (var target : targets) readAgain(target, when);
        if (!uid.isEmpty()) shared.changed(uid);
    }

    private void readAgain(Action.Target target, Instant when) {
        var kind = kinds.get(target.type());
        if (kind != null && !kind.rows.seenGone(target.id())) kind.rereads.id(target.id(), when);
    }

    /** Known objects, and new ones once: a create whose answer we lost shows itself here (F09). */
    private boolean concernsUs(Action.Target target, Action action) {
        var kind = kinds.get(target.type());
        if (kind == null || kind.rows.seenGone(target.id())) return false;
        if (kind.rows.row(target.id()).isPresent()) return true;
        return action.command().startsWith("create_") && strangers.put(target.id(), true) == null;
    }

    private void forgetFailures(String uid, String command) {
        failed.computeIfPresent(uid, (_, list) -> {
            list.removeIf(action -> action.command().equals(command));
            return list.isEmpty() ? null : list;
        });
    }

    void forget(String uid) {
        failed.remove(uid);
        unread.remove(uid);
        finished.remove(uid);
    }

    /** When actions of the uid's last succeeded, by their command; as far as this process saw them end. */
    Map<String, Instant> finished(String uid) {
        return Map.copyOf(finished.getOrDefault(uid, Map.of()));
    }

    List<Action> of(String uid) {
        var all = new ArrayList<>(failed.getOrDefault(uid, List.of()));
        all.addAll(pending.of(uid));
        all.addAll(unread(uid));
        return List.copyOf(all);
    }

    private List<Action> unread(String uid) {
        var mine = unread.computeIfPresent(uid, (_, list) -> {
            list.removeIf(it -> it.action.resources().stream().allMatch(target -> readSince(target, it.number)));
            return list.isEmpty() ? null : list;
        });
        return mine == null ? List.of() : mine.stream().map(Unread::action).toList();
    }

    /** After a read: whoever waited for what an action had done may go on, also when it looks as it did before. */
    void tellOfReads() {
        for (var uid : List.copyOf(unread.keySet())) if (unread(uid).isEmpty()) shared.changed(uid);
    }

    private boolean readSince(Action.Target target, long number) {
        var kind = kinds.get(target.type());
        return kind == null
                || kind.rows.row(target.id()).map(row -> row.number() > number).orElse(true);
    }

    Optional<Instant> due() {
        return pending.due();
    }
}
