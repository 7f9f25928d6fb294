package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidFieldException;
import java.time.Instant;

/**
 * What the door knows of one agent's guest; whatever never happened is null.
 *
 * @param agent its UID
 * @param depositedAt of the newest deposit, as {@code depositExpiresAt}
 * @param redeemedAt when a server's guest last came in by a bootstrap token
 * @param redeemedHash the hash of that token: which deposit, and so which server
 * @param reportedAt when the door took the report, by the door's clock
 * @param report of the guest that redeemed last; null until it reports
 * @param settingsVersion the newest settings that the guest can fetch; what it applied is in its report
 * @param deletedAt the agent is deleted; nothing else is known any more
 */
public record Guest(
        String agent,
        Instant depositedAt,
        Instant depositExpiresAt,
        Instant redeemedAt,
        String redeemedHash,
        Instant reportedAt,
        GuestReport report,
        Long settingsVersion,
        Instant deletedAt) {
    public Guest {
        InvalidFieldException.requirePresent(agent, "agent");
    }
}
