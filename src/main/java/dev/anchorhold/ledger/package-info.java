/**
 * The ledger: the wire form of journal entries ({@code event}), the transparency log that keeps them for ever ({@code log} and
 * its mathematics in {@code merkle}, checked from outside by {@code verify}), and the periods, usage and statements that are
 * derived from it ({@code books}). Here is only what all of these share.
 */
package dev.anchorhold.ledger;
