/**
 * The kind Agent. {@code AgentDecider} says what it is: read that first. It observes the object, its account, provider and
 * image, the inventories' rows of it in both clouds, and what the door knows of its guest; it writes the object's status, one
 * immutable Secret (what is frozen), deposits at the door, and events.
 */
package dev.anchorhold.operator.agent;
