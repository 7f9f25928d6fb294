package dev.anchorhold.cloud.hetzner;

import java.util.List;

/** A thing just made, and everything that must succeed before it is ready: its action and all next actions (F04). */
public record CreateResult<T>(T value, List<Action> actions) {
    public CreateResult {
        actions = List.copyOf(actions);
    }
}
