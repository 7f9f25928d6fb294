package dev.anchorhold.ledger.event;

/** What a period is of. A PlainVm's existence counts as Running, also while it is stopped: the cloud charges either way. */
public enum State {
    Running,
    Paused
}
