package dev.anchorhold.guest;

import java.security.SecureRandom;
import org.apache.commons.codec.digest.Crypt;

/** Generates and hashes a password for one login. Its plain text goes into a Secret, its hash into the user data. */
public final class OneTimePassword {
    /** Without characters that people confuse when they type from a screen. */
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /** Of a {@link #hash}, in characters. */
    static final int HASH_LENGTH = 106;

    private static final int LENGTH = 20; // of 57 letters: 116 bits
    private static final SecureRandom RANDOM = new SecureRandom();

    private OneTimePassword() {}

    public static String generate() {
        return letters(LENGTH);
    }

    /** SHA-512 crypt (crypt(5), {@code $6$}), which every current image understands. */
    public static String hash(String password) {
        return Crypt.crypt(password, "$6$" + letters(16));
    }

    private static String letters(int count) {
        return RANDOM.ints(count, 0, LETTERS.length())
                .collect(StringBuilder::new, (b, i) -> b.append(LETTERS.charAt(i)), StringBuilder::append)
                .toString();
    }
}
