package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs asynchronous actions. An action begins (the machine may start to work), takes its time, and completes, by its
 * command's {@link Effect}; all of that from stored data alone, so that actions in flight go on after a restart. An
 * action may wait for another one: that is what {@code next_actions} are.
 */
final class ActionScheduler {
    /**
     * @param begin the machine's part; the action ends when both its time and this are over
     * @param complete changes the state when it has succeeded; may throw {@link Failure}
     */
    record Effect(Function<HetznerRow.Action, CompletableFuture<Void>> begin, Consumer<HetznerRow.Action> complete) {}

    /** Why an action ends with status {@code error}. */
    static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final String code;

        Failure(String code, String message) {
            super(message, null, false, false);
            this.code = code;
        }
    }

    static final Map<String, Comparator<HetznerRow.Action>> ORDERS = Map.of(
            "id", Comparator.comparingLong(action -> action.id),
            "command", Comparator.comparing(action -> action.command),
            "status", Comparator.comparing(action -> action.status),
            "started", Comparator.comparing(action -> action.started),
            "finished",
                    Comparator.comparing(action -> action.finished, Comparator.nullsFirst(Comparator.naturalOrder())));

    private final HetznerState state;
    private final Map<String, Effect> effects = new HashMap<>();
    private final Map<String, Consumer<HetznerRow.Action>> failureHandlers = new HashMap<>();
    private final Map<Long, HetznerRow.Action> inFlight = new LinkedHashMap<>();
    /** By the ids of their targets, which are unique across kinds. */
    private final Map<Long, Set<HetznerRow.Action>> inFlightOn = new HashMap<>();
    /** Those that have not begun, by the action that they wait for. */
    private final Map<Long, List<HetznerRow.Action>> waiting = new HashMap<>();

    ActionScheduler(HetznerState state) {
        this.state = state;
    }

    void on(
            String command,
            Function<HetznerRow.Action, CompletableFuture<Void>> begin,
            Consumer<HetznerRow.Action> complete) {
        effects.put(command, new Effect(begin, complete));
    }

    void on(String command, Consumer<HetznerRow.Action> complete) {
        on(command, _ -> CompletableFuture.completedFuture(null), complete);
    }

    /** Changes the state after an action that began has failed. */
    void onFailure(String command, Consumer<HetznerRow.Action> undo) {
        failureHandlers.put(command, undo);
    }

    HetznerRow.Action start(long project, String command, List<HetznerRow.Target> targets) {
        return start(project, command, targets, Map.of(), null);
    }

    /** @param after the action to wait for; null to begin at once */
    HetznerRow.Action start(
            long project,
            String command,
            List<HetznerRow.Target> targets,
            Map<String, String> arguments,
            HetznerRow.Action after) {
        var action = new HetznerRow.Action();
        action.id = state.tables.takeNumber();
        action.project = project;
        action.command = command;
        action.started = state.now();
        action.created = action.started;
        action.targets = new ArrayList<>(targets);
        action.arguments.putAll(arguments);
        action.millis = state.durations.of(command).toMillis();
        action.stuck = state.knobs.takeStuck(command);
        state.tables.put(action);
        if (after != null && after.running()) action.after = after.id;
        track(action);
        if (action.after == null) begin(action);
        return action;
    }

    private void track(HetznerRow.Action action) {
        inFlight.put(action.id, action);
        for (var target : action.targets)
            inFlightOn.computeIfAbsent(target.id, _ -> new LinkedHashSet<>()).add(action);
        if (action.after != null && action.due == null)
            waiting.computeIfAbsent(action.after, _ -> new ArrayList<>()).add(action);
    }

    private void untrack(HetznerRow.Action action) {
        inFlight.remove(action.id);
        for (var target : action.targets)
            inFlightOn.computeIfPresent(target.id, (_, actions) -> {
                actions.remove(action);
                return actions.isEmpty() ? null : actions;
            });
    }

    private void begin(HetznerRow.Action action) {
        action.begun = state.now();
        action.due = action.begun.plusMillis(action.millis);
        state.tables.put(action);
        proceed(action);
    }

    private void proceed(HetznerRow.Action action) {
        var machine = effect(action).begin().apply(action);
        state.at(
                action.due, () -> machine.whenComplete((_, failure) -> state.react(() -> endWhenDue(action, failure))));
    }

    private Effect effect(HetznerRow.Action action) {
        return effects.getOrDefault(action.command, new Effect(_ -> CompletableFuture.completedFuture(null), _ -> {}));
    }

    private void endWhenDue(HetznerRow.Action action, Throwable failure) {
        if (action.stuck) return;
        if (failure != null) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            end(action, "action_failed", cause.getMessage());
        } else {
            finish(action);
        }
    }

    /** Lets a stuck action end as its command would have ended, at once or when its time is over. */
    void release(long id) {
        state.tables
                .find(HetznerRow.Action.class, id)
                .filter(action -> action.stuck)
                .ifPresent(action -> {
                    action.stuck = false;
                    state.tables.put(action);
                    boolean overdue = action.due != null && !state.now().isBefore(action.due);
                    if (overdue) finish(action);
                });
    }

    private void finish(HetznerRow.Action action) {
        if (!action.running()) return;
        var injected = state.knobs.takeFailure(action.command);
        if (injected != null) {
            end(action, injected.code(), injected.message());
            return;
        }
        try {
            effect(action).complete().accept(action);
            end(action, null, null);
        } catch (Failure failed) {
            end(action, failed.code, failed.getMessage());
        }
    }

    void end(HetznerRow.Action action, String errorCode, String errorMessage) {
        if (!action.running()) return;
        action.status = errorCode == null ? "success" : "error";
        action.errorCode = errorCode;
        action.errorMessage = errorMessage;
        action.finished = state.now();
        state.tables.put(action);
        untrack(action);
        if (errorCode != null && action.begun != null)
            failureHandlers.getOrDefault(action.command, _ -> {}).accept(action);
        for (HetznerRow.Action next :
                Optional.ofNullable(waiting.remove(action.id)).orElse(List.of())) {
            if (!next.running() || next.due != null) continue;
            if (errorCode == null) begin(next);
            else end(next, "action_failed", "the action before it failed");
        }
    }

    Stream<HetznerRow.Action> running() {
        return inFlight.values().stream();
    }

    /** Those with this target, of whatever kind. */
    Stream<HetznerRow.Action> runningOn(long id) {
        return inFlightOn.getOrDefault(id, Set.of()).stream();
    }

    /** After a restart: what was in flight goes on. */
    void resume() {
        state.tables
                .all(HetznerRow.Action.class)
                .filter(HetznerRow.Action::running)
                .forEach(this::track);
        for (HetznerRow.Action action : running().toList()) {
            if (action.due != null) proceed(action);
        }
    }

    ObjectNode json(HetznerRow.Action action) {
        var json = ApiResponse.Json.object();
        json.put("id", action.id).put("command", action.command).put("status", action.status);
        json.put("progress", progress(action));
        json.put("started", HetznerState.time(action.started)).put("finished", HetznerState.time(action.finished));
        var resources = json.putArray("resources");
        action.targets.forEach(
                target -> resources.addObject().put("id", target.id).put("type", target.type));
        if (action.errorCode == null) json.putNull("error");
        else json.putObject("error").put("code", action.errorCode).put("message", action.errorMessage);
        return json;
    }

    private int progress(HetznerRow.Action action) {
        if (!action.running()) return 100;
        if (action.begun == null) return 0;
        long passed =
                Duration.between(action.begun, min(state.now(), action.due)).toMillis();
        return action.millis == 0 ? 99 : (int) Math.min(99, passed * 100 / action.millis);
    }

    private static Instant min(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
