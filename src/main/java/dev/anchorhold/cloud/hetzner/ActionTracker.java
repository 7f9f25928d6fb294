package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.BoundedMap;
import dev.anchorhold.cloud.InventoryContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tracks the cloud's actions to their end: our own are awaited, all of a uid's together (F04), those that others
 * started as well; then the objects that they named are read again. Guarded by the inventory's lock.
 */
final class ActionTracker {
    private final InventoryContext context;
    private final PendingActions pending;
    private final Map<String, FeedInformer<?>> informers;
    private final Map<Long, Boolean> done = new BoundedMap<>(20_000);
    private final Map<Long, Boolean> strangers = new BoundedMap<>(20_000);
    private final Map<String, Map<Action.Target, Long>> touched = new HashMap<>();
    private final Map<String, List<Action>> failed = new HashMap<>();
    private final Map<String, List<Unread>> unread = new HashMap<>();
    private final Map<String, Map<String, Instant>> finished = new HashMap<>();

    /** An action of ours that has succeeded, and whose objects were last observed before {@code number}. */
    private record Unread(Action action, long number) {}

    ActionTracker(InventoryContext inventoryContext, PendingActions pending, Map<String, FeedInformer<?>> kinds) {
        this.context = inventoryContext;
        this.pending = pending;
        this.informers = kinds;
    }

    /** Actions that a write of ours started. */
    void track(String uid, List<Action> actions) {
        for (var action : actions) {
            forgetFailures(uid, action.command());
            if (action.running()) pending.add(action, uid, context.now());
            else ended(action, uid);
        }
        context.markChanged(uid);
    }

    /** Takes the state of an action, from a feed or because we asked. */
    void observe(Action action) {
        // First what is awaited: a feed may have shown its end before the answer of the write that started it was here.
        if (pending.contains(action.id())) {
            pending.observe(action, context.now()).ifPresent(it -> ended(action, it.uid()));
        } else if (done.containsKey(action.id())) {
            return;
        } else if (action.resources().stream().anyMatch(target -> concernsUs(target, action))) {
            if (action.running()) pending.add(action, "", context.now());
            else ended(action, "");
        }
    }

    /**
     * Records the ends of awaited actions from a page of the list of those that ended last. True when the next page may name further ones: when its
     * last one was awaited. Known ones before that tell nothing: a poll may have named them, or an end meanwhile shifted the pages.
     */
    boolean ended(List<Action> latest) {
        boolean further = !latest.isEmpty() && pending.contains(latest.getLast().id());
        latest.stream().filter(it -> pending.contains(it.id())).forEach(this::observe);
        return further;
    }

    /**
     * The cloud no longer knows an action that it was asked for: its end was missed, so what it was about is read
     * again.
     */
    void missing(long id) {
        pending.missed(id, context.now()).ifPresent(it -> settle(it.action(), it.uid()));
    }

    private void ended(Action action, String uid) {
        if (action.failed() && !uid.isEmpty())
            failed.computeIfAbsent(uid, _ -> new ArrayList<>()).add(action);
        if (!action.failed()) finished(action, uid);
        if (action.command().equals("delete_server") && !action.failed())
            action.resources().stream()
                    .filter(target -> target.type().equals("server"))
                    .forEach(target -> informers.get("server").remove(target.id(), context.nextSequence()));
        settle(action, uid);
    }

    /** Somebody else's action is of those whose servers it was about. */
    private void finished(Action action, String uid) {
        if (action.finished() == null) return;
        var servers = informers.get("server");
        var whose = uid.isEmpty()
                ? action.resources().stream()
                        .filter(target -> target.type().equals("server"))
                        .flatMap(target -> servers.store.owner(target.id()).stream())
                        .toList()
                : List.of(uid);
        for (var it : whose) {
            if (it.isEmpty()) continue;
            finished.computeIfAbsent(it, _ -> new HashMap<>()).put(action.command(), action.finished());
            if (uid.isEmpty()) context.markChanged(it); // the server may look as it did before
        }
    }

    private void settle(Action action, String uid) {
        done.put(action.id(), true);
        long number = context.nextSequence();
        if (!uid.isEmpty() && !action.failed())
            unread.computeIfAbsent(uid, _ -> new ArrayList<>()).add(new Unread(action, number));
        var targets = touched.computeIfAbsent(uid, _ -> new HashMap<>());
        action.resources().forEach(target -> targets.put(target, number));
        if (!uid.isEmpty() && !pending.of(uid).isEmpty()) {
            action.resources().forEach(this::readWithOthers);
            return;
        }
        touched.remove(uid);
        targets.forEach(this::readAgain);
        if (!uid.isEmpty()) context.markChanged(uid);
    }

    /** Nobody waits for it yet; but what is read in time need not be waited for. */
    private void readWithOthers(Action.Target target) {
        var kind = informers.get(target.type());
        if (kind != null && !pending.isPending(target.id(), target.type())) kind.rereadQueue.withOthers(target.id());
    }

    private void readAgain(Action.Target target, long number) {
        var kind = informers.get(target.type());
        if (kind == null || kind.store.seenGone(target.id())) return;
        boolean read = kind.store
                .item(target.id())
                .filter(item -> item.sequence() > number)
                .isPresent();
        // While many actions run, others end in a moment, and one list reads what all of them changed.
        var when = pending.isEager() ? context.now() : context.now().plus(context.settings.coalesceDelay());
        if (!read) kind.rereadQueue.addId(target.id(), when);
    }

    /** Known objects, and new ones once: a create whose answer we lost shows itself here (F09). */
    private boolean concernsUs(Action.Target target, Action action) {
        var kind = informers.get(target.type());
        if (kind == null || kind.store.seenGone(target.id())) return false;
        if (kind.store.item(target.id()).isPresent()) return true;
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

    List<Action> unfinished(String uid) {
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
    void notifyAfterReads() {
        for (var uid : List.copyOf(unread.keySet())) if (unread(uid).isEmpty()) context.markChanged(uid);
    }

    private boolean readSince(Action.Target target, long number) {
        var kind = informers.get(target.type());
        return kind == null
                || kind.store
                        .item(target.id())
                        .map(item -> item.sequence() > number)
                        .orElse(true);
    }

    Optional<Instant> due() {
        return pending.due(context.now());
    }
}
