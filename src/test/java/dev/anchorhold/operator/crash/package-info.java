/** Crash tests: the packaged operator, in a process of its own, is killed at chosen and at random instants. */
package dev.anchorhold.operator.crash;
