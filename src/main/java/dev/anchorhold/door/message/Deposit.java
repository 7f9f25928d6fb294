package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidFieldException;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * A deposit at the door: the payload for one new server's guest, and the hash of the token that redeems it.
 *
 * @param tokenHash SHA-256 of the bootstrap token's text, 64 hex digits in lower case: whoever brings the token gets the payload, once
 * @param serverName the server that it is for
 * @param expiresAt from then on it is worthless; 15 minutes ahead is meant
 */
public record Deposit(String tokenHash, String serverName, Instant expiresAt, Payload payload) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[!-~]{1,253}");

    public Deposit {
        InvalidFieldException.requireMatch(tokenHash, SHA256, "tokenHash", "must be 64 hex digits in lower case");
        InvalidFieldException.requireMatch(serverName, NAME, "serverName", "must be 1 to 253 visible ASCII characters");
        InvalidFieldException.requirePresent(expiresAt, "expiresAt");
        InvalidFieldException.requirePresent(payload, "payload");
    }

    @Override
    public String toString() {
        return "Deposit[%s for %s until %s]".formatted(tokenHash.substring(0, 8), serverName, expiresAt);
    }
}
