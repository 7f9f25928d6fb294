package dev.anchorhold.cloud;

import java.time.Instant;

/**
 * Answer of an inventory about a resource: seen, absent or unknown. <em>Absent</em> is a fact that somebody looked for;
 * an old, partial or failed listing is
 * <em>unknown</em> (F12).
 */
public sealed interface Sighting<T> {

    /** It is there, and was like this at {@code asOf}. The reader judges whether that is recent enough. */
    record Seen<T>(T value, Instant asOf) implements Sighting<T> {}

    /** It was looked for, completely and after our last write concerning it, and is not there. */
    record Absent<T>(Instant asOf) implements Sighting<T> {}

    /** Nobody can say; {@code reason} is a phrase for a condition's message. */
    record Unknown<T>(String reason, Instant since) implements Sighting<T> {}
}
