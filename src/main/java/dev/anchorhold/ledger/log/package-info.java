/**
 * The transparency log: takes journal entries in, keeps each for ever as a leaf of a Merkle tree, signs tree heads, and serves
 * all of it to whoever wants to check it (docs/log.md). Append-only, also for us. Knows nothing of periods, prices or people.
 */
package dev.anchorhold.ledger.log;
