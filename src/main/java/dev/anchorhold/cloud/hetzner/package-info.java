/**
 * Hetzner Cloud API v1: a client that makes each call once and says exactly what came of it, and an inventory that knows all of an
 * installation's objects at a cost that does not grow with their number. Facts: {@code docs/providers.md}, part A. Plain Java; may
 * import nothing of ours but {@code cloud} and {@code platform}.
 */
package dev.anchorhold.cloud.hetzner;
