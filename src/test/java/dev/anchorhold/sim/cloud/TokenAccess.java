package dev.anchorhold.sim.cloud;

/** What a token may do. */
public enum TokenAccess {
    READ_WRITE,
    READ_ONLY,
    REVOKED
}
