/**
 * The operator's side of the books: what each object's journal says next (pure), who asked for it, and the one courier that brings all
 * journals to the companion. Knows the status of our kinds and the wire form of the books; of the clouds nothing.
 */
package dev.anchorhold.operator.journal;
