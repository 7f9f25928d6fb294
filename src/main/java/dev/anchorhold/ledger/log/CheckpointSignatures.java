package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks that a checkpoint is signed by the log's key, or by one that it had before. Whoever may add rows to the database could
 * add an entry and a checkpoint to go with it; without the key they cannot sign that, and nothing is built on it or billed by it.
 */
final class CheckpointSignatures {
    private final VerifyingKey key;
    private final List<VerifyingKey> previous;
    /** The note whose signature was checked, or that was signed here, last. */
    private volatile String lastNote;

    CheckpointSignatures(VerifyingKey key, List<VerifyingKey> previous) {
        this.key = key;
        this.previous = List.copyOf(previous);
    }

    void signed(String note) {
        lastNote = note;
    }

    /** @throws DamagedLog when none of the keys signed it */
    void require(SignedTreeHead head) {
        if (head.note().equals(lastNote)) {
            return;
        }
        DamagedLog.unless(
                Stream.concat(Stream.of(key), previous.stream()).anyMatch(it -> opens(it, head.note())),
                head.size(),
                "note",
                "is not signed by the log's key, %s; if that was changed on purpose, say which it was before (anchorhold.ledger.previous-keys), else verify the log against a checkpoint kept elsewhere"
                        .formatted(key.text()));
        lastNote = head.note();
    }

    private static boolean opens(VerifyingKey key, String note) {
        try {
            key.open(note);
            return true;
        } catch (InvalidNoteException _) {
            return false;
        }
    }
}
