/**
 * When a failed step is tried again: an error's kind and the number of its failures become a delay. In memory only. Knows
 * the clouds' errors and the conditions' reasons, and none of the kinds.
 */
package dev.anchorhold.operator.backoff;
