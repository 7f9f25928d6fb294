/**
 * The books: what became of every resource ({@code event} is the wire form, {@code log} keeps it for ever, {@code merkle} proves
 * it), and what it comes to ({@code books}). Here is only what all of these share.
 */
package dev.anchorhold.ledger;
