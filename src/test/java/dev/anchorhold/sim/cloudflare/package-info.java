/**
 * Simulator of the Cloudflare API v4, as far as tunnels and their DNS records go, which official clients cannot tell
 * from the original (providers.md part B), and of the edge ({@link dev.anchorhold.sim.cloudflare.Edge}): where a
 * tunnel's connectors dial in, and where the public reaches what is behind them.
 *
 * <p>One HTTP server; all state in memory under one lock ({@link dev.anchorhold.sim.cloudflare.CloudflareState}), each
 * commit appended to a file when there is a data folder. A class for each family of resources. What it shares with the
 * other simulated cloud is in {@code sim.cloud}. Nothing here ships. It imports that, Vert.x and Jackson, and nothing
 * of the product; its tests take ports from {@code world}.
 */
package dev.anchorhold.sim.cloudflare;
