/**
 * The wire form of journal entries, by which the operator tells the books what became of each object. Data and their rules; no
 * I/O. Shared by both sides, so it may import nothing but the platform.
 */
package dev.anchorhold.ledger.event;
