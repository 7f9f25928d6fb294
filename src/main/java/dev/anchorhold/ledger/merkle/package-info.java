/**
 * A log's mathematics and its forms on the wire: the Merkle tree of RFC 6962 with its proofs, tiles as C2SP tlog-tiles says, signed
 * notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint). Values and functions; nothing but the JDK, for it is also in the
 * small jar that anyone can check a log with. Used by the log, by the API's proofs and by the verifier.
 */
package dev.anchorhold.ledger.merkle;
