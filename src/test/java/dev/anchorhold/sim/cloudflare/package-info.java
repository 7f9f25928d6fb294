/**
 * A simulator of the Cloudflare API v4, as far as tunnels and their DNS records go, which official clients cannot tell from
 * the original (providers.md part B), and of the registry to which a tunnel's connectors come.
 *
 * <p>One HTTP server; all state in memory under one lock ({@link dev.anchorhold.sim.cloudflare.Estate}), each commit appended
 * to a journal when there is a data folder. A class a family of resources. What it shares with the other simulated cloud is
 * in {@code sim.cloud}. Nothing here ships. It imports that, Vert.x and Jackson, and nothing of the product.
 */
package dev.anchorhold.sim.cloudflare;
