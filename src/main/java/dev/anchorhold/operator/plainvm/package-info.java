/**
 * The kind PlainVm. {@code PlainVmDecider} says what it is: read that first. It observes the object, its account and
 * provider, and the inventory's rows of it; it writes the object's status, one Secret (the one-time password) and events.
 */
package dev.anchorhold.operator.plainvm;
