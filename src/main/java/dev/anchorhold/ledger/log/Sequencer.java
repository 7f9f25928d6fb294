package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.DeliveryResult.Outcome;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.platform.Database.Transaction;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What one transaction does to the log: some deliveries are judged, what is new becomes leaves, and the tree that has them is signed.
 * All of it or nothing, with as many statements for a thousand entries as for one.
 */
final class Sequencer {
    private static final Logger LOG = Logger.getLogger(Sequencer.class);
    /** Any number, the same in all companions: who holds it alone makes the log grow. */
    private static final long LOCK = 0x616e_6368_6f72_6c67L;

    /** By how much the cloud's clock may be ahead of ours. */
    private static final Duration MAX_CLOCK_SKEW = Duration.ofDays(1);

    private final SigningKey key;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    /** The note that we have looked at, or made, last. */
    private volatile String known;

    Sequencer(SigningKey key, InstantSource clock) {
        this.key = key;
        this.clock = clock;
    }

    /** The newest head; that of the empty log when there is none yet. */
    SignedTreeHead begin(Transaction transaction) throws SQLException {
        lock(transaction);
        Optional<SignedTreeHead> newest = SignedTreeHead.newest(transaction);
        newest.ifPresent(this::look);
        return newest.isPresent() ? newest.get() : signed(transaction, CompactRange.EMPTY);
    }

    /**
     * What is so once this is committed.
     *
     * @param receipts for each delivery
     * @param grew whether anything was new
     */
    record Appended(List<DeliveryResult> receipts, boolean grew) {}

    Appended append(Transaction transaction, List<Delivery> deliveries) throws SQLException {
        lock(transaction);
        CompactRange compactRange = frontier(transaction);
        List<ResourceJournal> journals =
                deliveries.stream().flatMap(it -> it.journals().stream()).toList();
        Map<String, ResourceHistory> histories = EventTable.histories(transaction, journals);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        List<NewEntry> fresh = new ArrayList<>();
        List<DeliveryResult> receipts = deliveries.stream()
                .map(it -> new DeliveryResult(it.journals().stream()
                        .map(journal -> outcome(journal, histories, now.plus(MAX_CLOCK_SKEW), fresh))
                        .toList()))
                .toList();
        if (!fresh.isEmpty()) {
            grow(transaction, compactRange, now, fresh);
        }
        return new Appended(receipts, !fresh.isEmpty());
    }

    /** Durable before we answer, whatever the server's default is; and one companion at a time, so that no index is taken twice. */
    private static void lock(Transaction transaction) throws SQLException {
        transaction.first(
                _ -> true, "SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(?)", LOCK);
    }

    /** A head whose leaves are gone, or that has fewer than there are, is none to build on. */
    private CompactRange frontier(Transaction transaction) throws SQLException {
        Optional<SignedTreeHead> newest = SignedTreeHead.newest(transaction);
        newest.ifPresent(this::look);
        CompactRange compactRange = newest.map(SignedTreeHead::compactRange).orElse(CompactRange.EMPTY);
        long leaves = transaction
                .first(row -> row.number("leaves"), "SELECT coalesce(max(index) + 1, 0) AS leaves FROM ledger.event")
                .orElseThrow();
        DamagedLog.unless(
                leaves == compactRange.size(), compactRange.size(), "size", "is not the number of events, " + leaves);
        return compactRange;
    }

    /** A head that our key did not sign is a fact for whoever verifies the log, and no reason to stop keeping it. */
    private void look(SignedTreeHead head) {
        if (head.note().equals(known)) {
            return;
        }
        try {
            key.verifier().open(head.note());
        } catch (InvalidNoteException e) {
            LOG.errorf(
                    "THE LOG'S NEWEST CHECKPOINT, OF SIZE %d, WAS NOT SIGNED BY THIS KEY (%s): %s. If nobody has changed the key or the"
                            + " origin, somebody has rewritten the log: verify it against a checkpoint kept elsewhere. It goes on, signed"
                            + " by this key.",
                    head.size(), key.verifier().text(), e.getMessage());
        }
        known = head.note();
    }

    private record NewEntry(Subject subject, LedgerEntry entry) {}

    /** Deliveries of one transaction may speak of the same resource: each is judged by what those before it have added. */
    private static Outcome outcome(
            ResourceJournal journal, Map<String, ResourceHistory> histories, Instant latest, List<NewEntry> fresh) {
        Subject subject = journal.subject();
        ResourceHistory history = histories.getOrDefault(subject.uid(), ResourceHistory.none());
        return switch (history.judge(journal, latest)) {
            case ResourceHistory.Rejected(var refusal) -> new Outcome(subject.uid(), history.recorded(), refusal);
            case ResourceHistory.Accepted(var entries) -> {
                ResourceHistory now = history.with(subject, entries);
                histories.put(subject.uid(), now);
                entries.forEach(it -> fresh.add(new NewEntry(subject, it)));
                yield new Outcome(subject.uid(), now.recorded(), null);
            }
        };
    }

    private void grow(Transaction transaction, CompactRange compactRange, Instant now, List<NewEntry> fresh)
            throws SQLException {
        byte[] nonces = new byte[fresh.size() * LogEvent.NONCE_SIZE];
        random.nextBytes(nonces);
        List<LogEvent> events = new ArrayList<>(fresh.size());
        List<byte[]> leafHashes = new ArrayList<>(fresh.size());
        for (int i = 0; i < fresh.size(); i++) {
            byte[] nonce = Arrays.copyOfRange(nonces, i * LogEvent.NONCE_SIZE, (i + 1) * LogEvent.NONCE_SIZE);
            LogEvent unhashed =
                    new LogEvent(compactRange.size() + i, fresh.get(i).subject, fresh.get(i).entry, now, nonce, null);
            leafHashes.add(MerkleTree.leafHash(unhashed.leafData()));
            events.add(unhashed.with(leafHashes.getLast()));
        }
        EventTable.insert(transaction, events);
        TileWriter.store(transaction, compactRange.size(), leafHashes);
        signed(transaction, compactRange.addAll(leafHashes));
    }

    private SignedTreeHead signed(Transaction transaction, CompactRange compactRange) throws SQLException {
        String text = new Checkpoint(key.verifier().name(), compactRange.size(), compactRange.root()).text();
        SignedTreeHead head = new SignedTreeHead(compactRange, key.sign(text));
        head.insert(transaction);
        known = head.note();
        return head;
    }
}
