package dev.anchorhold.ledger.event;

/**
 * The states of a resource that a period can be of. A PlainVm's existence counts as Running, also while it is stopped: the cloud
 * charges either way.
 */
public enum State {
    Running,
    Paused
}
