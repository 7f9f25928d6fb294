package dev.anchorhold.cloud;

import java.time.Duration;

/**
 * Intervals and limits of an inventory's polling.
 *
 * @param feedInterval between two polls of what changed
 * @param relistInterval between two complete listings
 * @param maxAge how old the last successful poll may be before "not there" becomes "unknown" (F12)
 * @param settleTime how long after a lost answer the write may still take effect (F09)
 * @param coalesceDelay how long changed objects wait for others, to be read again in one call
 * @param slowInterval how long what seldom changes is taken as current: the catalogue, records, configurations
 */
public record InventorySettings(
        Duration feedInterval,
        Duration relistInterval,
        Duration maxAge,
        Duration settleTime,
        Duration coalesceDelay,
        Duration slowInterval) {
    public static final InventorySettings DEFAULT = new InventorySettings(
            Duration.ofSeconds(20),
            Duration.ofHours(1),
            Duration.ofMinutes(3),
            Duration.ofSeconds(10),
            Duration.ofMillis(300),
            Duration.ofMinutes(10));
}
