/**
 * Merkle trees of RFC 6962 with their proofs, tiles (C2SP tlog-tiles), signed notes (C2SP signed-note) and checkpoints (C2SP
 * tlog-checkpoint): a log's mathematics and its wire formats. Values and functions; nothing but the JDK, for it is also in the
 * small jar that anyone can check a log with. Used by the log, by the API's proofs and by the verifier.
 */
package dev.anchorhold.ledger.merkle;
