/** The operator's side of the guest door: what it deposits at the companion, and what is known of all guests. */
package dev.anchorhold.operator.door;
