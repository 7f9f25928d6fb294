/** Roles, configuration, clock, ids, health: what every room may use. */
package dev.anchorhold.platform;
