package dev.anchorhold.cloud;

import java.time.Duration;

/** How long to wait for a connection, for the next bytes, and for a whole call. */
public record Timeouts(Duration connect, Duration read, Duration call) {
    public static final Timeouts DEFAULT =
            new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(30));
}
