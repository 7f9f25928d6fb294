/**
 * Companion and PostgreSQL killed at each step of a delivery, with everything that was ever told compared to what the books then say.
 * {@code Lives} makes histories, {@code Outbox} brings them as an operator does, {@code Reckoning} knows what must come of them.
 */
package dev.anchorhold.ledger.crash;
