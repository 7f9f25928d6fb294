package dev.anchorhold.ledger.event;

/** The kinds of resources that are billed, by their names in Kubernetes. */
public enum Kind {
    Agent,
    PlainVm
}
