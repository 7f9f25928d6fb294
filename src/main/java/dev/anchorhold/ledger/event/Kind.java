package dev.anchorhold.ledger.event;

/** What is billed: the kinds of resources, by their names in Kubernetes. */
public enum Kind {
    Agent,
    PlainVm
}
