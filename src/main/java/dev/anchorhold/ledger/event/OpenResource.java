package dev.anchorhold.ledger.event;

import java.time.Instant;

/** A resource that has an open period in the books. {@code since} is when that began. */
public record OpenResource(Kind kind, String uid, String namespace, String name, String account, Instant since) {}
