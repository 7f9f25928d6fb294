package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidFieldException;

/**
 * The settings of a guest that may change while it runs.
 *
 * @param version grows with every change, from 1
 * @param tunnelToken what the connector runs with
 * @param shareLogs whether the container's own output may leave the guest
 */
public record GuestSettings(long version, String tunnelToken, boolean shareLogs) {
    public GuestSettings {
        InvalidFieldException.require(version >= 1, "version", "must be 1 or more");
        InvalidFieldException.requireText(tunnelToken, 4096, "tunnelToken");
    }

    @Override
    public String toString() {
        return "GuestSettings[version %d, shareLogs %s]".formatted(version, shareLogs);
    }
}
