package dev.anchorhold.door;

import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.platform.OpaqueTokens;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/**
 * The form of callback tokens: until when, with 256 random bits, sealed. So the door refuses what it never gave out, and what has
 * run out, without asking its database; whose it is, and whether it still is their one token, is for the database to say.
 *
 * @param hash what of it is stored
 */
record CallbackToken(Instant expiresAt, byte[] hash) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int RANDOM_BYTES = 32;
    private static final int CLEAR_BYTES = Long.BYTES + RANDOM_BYTES;
    private static final int MAX_LENGTH = 200;

    /** @param expiresAt in microseconds */
    static String generate(SealingCipher cipher, Instant expiresAt) {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        byte[] clear = ByteBuffer.allocate(CLEAR_BYTES)
                .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, expiresAt))
                .put(random)
                .array();
        return text(cipher.seal(clear, AssociatedData.callback()));
    }

    private static String text(byte[] sealed) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }

    /** @throws GuestForbiddenException when no door with our keys gave it out */
    static CallbackToken parse(SealingCipher cipher, String text) {
        try {
            if (text.length() > MAX_LENGTH) {
                throw new GuestForbiddenException();
            }
            byte[] sealed = Base64.getUrlDecoder().decode(text);
            // The decoder ignores padding and the last character's spare bits; each such text would pass for a token
            // more.
            if (!text(sealed).equals(text)) {
                throw new GuestForbiddenException();
            }
            ByteBuffer clear = ByteBuffer.wrap(cipher.open(sealed, AssociatedData.callback()));
            return new CallbackToken(Instant.EPOCH.plus(clear.getLong(), ChronoUnit.MICROS), OpaqueTokens.hash(text));
        } catch (IllegalArgumentException | SealingCipher.CannotOpenException _) {
            throw new GuestForbiddenException();
        }
    }

    @Override
    public String toString() {
        return "CallbackToken[until " + expiresAt + "]";
    }
}
