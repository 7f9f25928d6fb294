/**
 * Simulator of the Hetzner Cloud API v1, which official clients cannot tell from the original (providers.md part A).
 *
 * <p>One HTTP server; all state in memory under one lock ({@link dev.anchorhold.sim.hetzner.HetznerState}), each
 * commit appended to a file when there is a data folder. A class for each family of resources; actions finish by
 * timers; machines are run by a {@link dev.anchorhold.sim.guest.GuestDriver}. Tests and people set its knobs by {@link
 * dev.anchorhold.sim.cloud.Faults} and {@link dev.anchorhold.sim.hetzner.HetznerConsole}, or over HTTP under {@code
 * /_console}. Nothing here ships. What it shares with the other simulated cloud is in {@code sim.cloud}. It imports
 * that, {@code sim.guest}, Vert.x and Jackson, and nothing of the product.
 */
package dev.anchorhold.sim.hetzner;
