/** Roles, configuration, clock, ids, database, tokens: what every package may use. */
package dev.anchorhold.platform;
