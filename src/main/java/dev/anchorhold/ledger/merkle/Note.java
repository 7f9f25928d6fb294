package dev.anchorhold.ledger.merkle;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A signed note in its text form (C2SP signed-note): a text, an empty line, signature lines. Reading one verifies nothing yet:
 * {@link VerifyingKey#open} does.
 *
 * @param text with its last newline
 */
record Note(String text, List<SignatureLine> signatures) {
    private static final int MAX_LENGTH = 100_000;
    private static final String DASH = "\u2014 ";

    /** @param signature the key's id (4 bytes), then what it signed */
    record SignatureLine(String name, byte[] signature) {
        String written() {
            return DASH + name + " " + Base64.getEncoder().encodeToString(signature) + "\n";
        }
    }

    static String signed(String text, SignatureLine line) {
        if (!text.endsWith("\n") || !printable(text)) {
            throw new IllegalArgumentException("a note's text ends in a newline and has no other control character");
        }
        return text + "\n" + line.written();
    }

    static Note parse(String note) {
        var end = note.lastIndexOf("\n\n");
        if (note.length() > MAX_LENGTH
                || end < 1
                || end + 2 >= note.length()
                || !note.endsWith("\n")
                || !printable(note)) {
            throw new InvalidNoteException("this is no signed note");
        }
        var lines = new ArrayList<SignatureLine>();
        for (var line : note.substring(end + 2, note.length() - 1).split("\n", -1)) {
            var fields = line.split(" ", -1);
            if (fields.length != 3 || !line.startsWith(DASH) || !isValidName(fields[1])) {
                throw new InvalidNoteException("this is no signed note: a signature line is malformed");
            }
            var signature = base64(fields[2]).filter(bytes -> bytes.length > VerifyingKey.ID_SIZE);
            lines.add(new SignatureLine(
                    fields[1],
                    signature.orElseThrow(
                            () -> new InvalidNoteException("this is no signed note: a signature is not base64"))));
        }
        return new Note(note.substring(0, end + 1), List.copyOf(lines));
    }

    /** Whether a key may have this name. */
    static boolean isValidName(String name) {
        return !name.isEmpty()
                && name.codePoints()
                        .noneMatch(c -> c == '+' || Character.isWhitespace(c) || Character.isSpaceChar(c) || c < ' ');
    }

    /** In the one way to write it: nothing left out, no stray bits. */
    static Optional<byte[]> base64(String written) {
        try {
            var bytes = Base64.getDecoder().decode(written);
            return Base64.getEncoder().encodeToString(bytes).equals(written) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean printable(String note) {
        return note.chars().noneMatch(c -> c < ' ' && c != '\n');
    }
}
