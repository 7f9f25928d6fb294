/**
 * The operator's side of the books: each object's journal in its status (pure), which field manager requested a change,
 * and the one dispatcher that delivers all journals to the companion. Knows the status of our kinds and the wire form
 * of the books; of the clouds nothing.
 */
package dev.anchorhold.operator.journal;
