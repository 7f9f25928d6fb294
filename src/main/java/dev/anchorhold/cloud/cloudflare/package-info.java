/**
 * Cloudflare API v4: tunnels, what they lead to, and the records that name them. A client that makes each call once and says exactly what came of
 * it, and an inventory that knows all of an installation's tunnels and records at a cost that hardly grows with their number. Facts:
 * {@code docs/providers.md}, part B. Plain Java; may import nothing of ours but {@code cloud} and {@code platform}.
 */
package dev.anchorhold.cloud.cloudflare;
