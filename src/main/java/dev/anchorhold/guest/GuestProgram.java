package dev.anchorhold.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.commons.codec.digest.DigestUtils;

/** The program that keeps an Agent's machine: {@code guest.py} beside this class. An Agent's own is frozen with it. */
public final class GuestProgram {
    private static final String TEXT = read();

    private GuestProgram() {}

    /** Today's program, for an Agent that is provisioned today. */
    public static String text() {
        return TEXT;
    }

    /** In hexadecimal, as a guest's report names the program that wrote it. */
    public static String sha256(String text) {
        return DigestUtils.sha256Hex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read() {
        try (var file = GuestProgram.class.getResourceAsStream("guest.py")) {
            return new String(
                    Objects.requireNonNull(file, "guest.py is not packaged").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
