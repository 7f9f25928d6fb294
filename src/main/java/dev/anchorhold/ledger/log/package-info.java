/**
 * The log: takes journal entries in, keeps each for ever as a leaf of a Merkle tree, signs what it has, and serves it to whoever
 * wants to check it (docs/log.md). Append-only, also for us. Knows nothing of periods, prices or people.
 */
package dev.anchorhold.ledger.log;
