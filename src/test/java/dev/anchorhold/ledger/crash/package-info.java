/**
 * Companion and PostgreSQL killed at each step of a delivery, with everything that was ever told compared to what the books then say.
 * {@code JournalGenerator} makes histories, {@code JournalSender} brings them as an operator does, {@code ExpectedBooks} knows what must come of them.
 */
package dev.anchorhold.ledger.crash;
