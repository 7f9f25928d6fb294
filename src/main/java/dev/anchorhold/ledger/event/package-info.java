/**
 * The wire form of journal entries, by which the operator reports to the ledger what happened to each resource. Data and their
 * rules; no I/O. Shared by both sides, so it may import nothing but the platform.
 */
package dev.anchorhold.ledger.event;
