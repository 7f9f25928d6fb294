/**
 * Companion and PostgreSQL killed at each step of a delivery, with everything that was ever sent compared to what the books then
 * have. {@code JournalGenerator} makes journals, {@code JournalSender} delivers them as an operator does, {@code ExpectedBooks}
 * computes what must come of them.
 */
package dev.anchorhold.ledger.crash;
