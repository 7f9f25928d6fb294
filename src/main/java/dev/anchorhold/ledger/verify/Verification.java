package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies a whole log: the signature of its checkpoint, each entry against its leaf hash and against the local mirror, the
 * tiles above, the root, and exported events and statements. Made for one run.
 */
public final class Verification {
    private final LogSource log;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<Long, List<ExpectedLeaf>> expected = new HashMap<>();
    private VerifyingKey expectedKey;
    private LocalMirror localMirror = LocalMirror.none();
    private ProgressListener progress = (_, _) -> {};

    /** Called after each tile with the number of checked entries. */
    public interface ProgressListener {
        void checked(long entries, long of);
    }

    private Verification(LogSource log) {
        this.log = log;
    }

    public static Verification of(LogSource log) {
        return new Verification(log);
    }

    /** Without it: the key that was kept, else the one that the log itself gives. */
    public Verification signedBy(VerifyingKey key) {
        expectedKey = key;
        return this;
    }

    /** Compares with what an earlier check kept there, and keeps what this one finds when all is well. */
    public Verification against(LocalMirror earlier) {
        localMirror = earlier;
        return this;
    }

    Verification expecting(List<ExpectedLeaf> leaves) {
        leaves.forEach(leaf ->
                expected.computeIfAbsent(leaf.index(), _ -> new ArrayList<>()).add(leaf));
        return this;
    }

    public Verification reportingTo(ProgressListener listener) {
        progress = listener;
        return this;
    }

    /** @throws IOException when the log, or what was kept of it, cannot be read: nothing is known then */
    public VerificationReport run() throws IOException, InterruptedException {
        var firstUse = expectedKey == null && localMirror.key().isEmpty();
        var key = firstUse
                ? ownKey()
                : Optional.ofNullable(expectedKey)
                        .orElseGet(() -> localMirror.key().orElseThrow());
        if (!localMirror.key().orElse(key).equals(key)) {
            throw new IOException(
                    "What was kept is signed by %s, not by %s. Keep the log of another key in another folder."
                            .formatted(localMirror.key().get(), key));
        }
        var note = note();
        var head = note.map(it -> head(it, key)).or(localMirror::checkpoint);
        if (head.isEmpty()) {
            throw new IOException(
                    findings.isEmpty()
                            ? "no checkpoint there"
                            : findings.getFirst().what());
        }
        scan(head.get());
        var report = new VerificationReport(head.get(), key, firstUse, localMirror.size(), List.copyOf(findings));
        if (report.passed()) {
            localMirror.commit(key, head.get(), note.orElseThrow());
        }
        return report;
    }

    private VerifyingKey ownKey() throws IOException, InterruptedException {
        var text =
                log.read("key").orElseThrow(() -> new IOException("There is no log: no file 'key' at this address."));
        try {
            return VerifyingKey.parse(new String(text, UTF_8));
        } catch (InvalidNoteException e) {
            throw new IOException("There is no log: what the address gives as its key is none: " + e.getMessage());
        }
    }

    /** Empty, with a finding, when the log has none to show. */
    private Optional<byte[]> note() throws IOException, InterruptedException {
        try {
            var note = log.read("checkpoint");
            if (note.isEmpty()) {
                found(Finding.ofAll("The log has no checkpoint."));
            }
            return note;
        } catch (LogSource.Damaged e) {
            found(new Finding(e.index(), "The log says of itself: " + e.getMessage()));
            return Optional.empty();
        }
    }

    /** What the note says, even when the signature is wrong: so that it can be said where the log is. Null when it says nothing. */
    private Checkpoint head(byte[] bytes, VerifyingKey key) {
        var note = new String(bytes, UTF_8);
        try {
            var head = Checkpoint.parse(key.open(note));
            if (!head.origin().equals(key.name())) {
                found(Finding.ofAll(
                        "The checkpoint is of another log: of %s, not of %s.".formatted(head.origin(), key.name())));
            }
            return head;
        } catch (InvalidNoteException e) {
            found(Finding.ofAll("The checkpoint is not what its signature promises: " + e.getMessage() + "."));
        }
        try {
            return Checkpoint.unverified(note);
        } catch (InvalidNoteException e) {
            return null;
        }
    }

    private void scan(Checkpoint head) throws IOException, InterruptedException {
        var scan =
                new LogScan(new TileFetcher(log, new TileLayout(head.size())), localMirror, new LogScan.LeafListener() {
                    @Override
                    public void leaf(long index, byte[] leafHash) {
                        expected.getOrDefault(index, List.of()).stream()
                                .filter(it -> !Arrays.equals(it.leafHash(), leafHash))
                                .forEach(it -> found(Finding.at(
                                        index,
                                        "The %s that %s tells of is not the log's entry %d."
                                                .formatted(it.what(), it.file(), index))));
                    }

                    @Override
                    public void checked(long entries) {
                        progress.checked(entries, head.size());
                    }
                });
        var wrong = scan.run();
        wrong.ifPresent(this::found);
        if (wrong.isEmpty()) {
            checkSizeAndRoot(head, scan.root());
        }
        expected.forEach((index, leaves) -> {
            if (index < 0 || index >= head.size()) {
                found(Finding.at(
                        Math.max(index, 0),
                        "%s tells of entry %d, and the log has %d."
                                .formatted(leaves.getFirst().file(), index, head.size())));
            }
        });
    }

    /** All entries agree with their leaf hashes, with the tiles and with what was kept, as far as both go. */
    private void checkSizeAndRoot(Checkpoint head, byte[] root) {
        if (head.size() < localMirror.size()) {
            found(Finding.at(
                    head.size(),
                    "The log has %d entries where %d were kept: its tail was cut, or an older state was put back."
                            .formatted(head.size(), localMirror.size())));
        }
        if (!Arrays.equals(root, head.root())) {
            found(Finding.ofAll(
                    "The root of the log's %d entries is not the one of its checkpoint: an entry was replaced with its hash%s."
                            .formatted(
                                    head.size(),
                                    localMirror.size() == 0
                                            ? "; nothing was kept that could tell which"
                                            : ", after entry " + (localMirror.size() - 1))));
        }
    }

    private void found(Finding finding) {
        findings.add(finding);
    }
}
