package dev.anchorhold.ledger.merkle;

import java.util.Arrays;
import java.util.Base64;

/**
 * A checkpoint of a log (C2SP tlog-checkpoint), what the log promises with its signature: that it has {@code size} entries, and
 * that they have this root.
 *
 * @param origin the log's name
 */
public record Checkpoint(String origin, long size, byte[] root) {
    public Checkpoint {
        if (origin.isEmpty() || origin.contains("\n") || size < 0 || root.length != MerkleTree.HASH_SIZE) {
            throw new IllegalArgumentException("no checkpoint: origin '%s', size %d".formatted(origin, size));
        }
    }

    /** The note's text, to be signed. */
    public String text() {
        return origin + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
    }

    /**
     * @param text a note's text after its signature was checked. Lines after the third are others' extensions, and mean nothing here.
     * @throws InvalidNoteException when it is none
     */
    public static Checkpoint parse(String text) {
        var lines = text.split("\n", -1);
        if (lines.length < 4 || !lines[lines.length - 1].isEmpty() || !lines[1].matches("0|[1-9][0-9]{0,17}")) {
            throw new InvalidNoteException("this is no checkpoint: its lines are not origin, size and root");
        }
        if (Arrays.stream(lines, 0, lines.length - 1).anyMatch(String::isEmpty)) {
            throw new InvalidNoteException("this is no checkpoint: it has an empty line");
        }
        var root = Note.base64(lines[2])
                .filter(bytes -> bytes.length == MerkleTree.HASH_SIZE)
                .orElseThrow(
                        () -> new InvalidNoteException("this is no checkpoint: its root is no SHA-256 hash in base64"));
        return new Checkpoint(lines[0], Long.parseLong(lines[1]), root);
    }

    /**
     * What a note says, whoever signed it: for looking where a log is wrong that is known to be.
     *
     * @throws InvalidNoteException when it says nothing of the kind
     */
    public static Checkpoint unverified(String note) {
        return parse(Note.parse(note).text());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint it && it.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text().strip().replace('\n', ' ');
    }
}
