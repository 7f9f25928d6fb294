/** What becomes of everything when the operator is killed: the packaged product, in a process of its own, dies at chosen and at random instants. */
package dev.anchorhold.operator.crash;
