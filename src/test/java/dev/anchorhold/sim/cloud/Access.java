package dev.anchorhold.sim.cloud;

/** What a token may do. */
public enum Access {
    READ_WRITE,
    READ_ONLY,
    REVOKED
}
