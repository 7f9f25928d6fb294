package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.DeliveryResult.Outcome;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.ResourceJournal;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.CompactRange;
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

/**
 * Appends deliveries to the log within one transaction: validates them, makes leaves of the new entries, and signs the tree that
 * has these. All of it or nothing, with as many statements for a thousand entries as for one.
 */
final class Sequencer {
    /** The advisory lock's key; any number, the same in all companions: only the holder of the lock may append. */
    private static final long LOCK = 0x616e_6368_6f72_6c67L;

    /** By how much the cloud's clock may be ahead of ours. */
    private static final Duration MAX_CLOCK_SKEW = Duration.ofDays(1);

    private final SigningKey key;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final CheckpointSignatures signatures;

    Sequencer(SigningKey key, CheckpointSignatures signatures, InstantSource clock) {
        this.key = key;
        this.signatures = signatures;
        this.clock = clock;
    }

    /** The newest head; that of the empty log when there is none yet. */
    SignedTreeHead begin(Transaction transaction) throws SQLException {
        lock(transaction);
        Optional<SignedTreeHead> newest = SignedTreeHead.newest(transaction);
        newest.ifPresent(signatures::require);
        return newest.isPresent() ? newest.get() : sign(transaction, CompactRange.EMPTY);
    }

    /**
     * What an append did, once it is committed.
     *
     * @param results one for each delivery
     * @param grew whether any entry was new
     */
    record Appended(List<DeliveryResult> results, boolean grew) {}

    Appended append(Transaction transaction, List<Delivery> deliveries) throws SQLException {
        lock(transaction);
        CompactRange compactRange = newestRange(transaction);
        List<ResourceJournal> journals =
                deliveries.stream().flatMap(it -> it.journals().stream()).toList();
        Map<String, ResourceHistory> histories = EventTable.histories(transaction, journals);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        List<NewEntry> newEntries = new ArrayList<>();
        List<DeliveryResult> results = deliveries.stream()
                .map(it -> new DeliveryResult(it.journals().stream()
                        .map(journal -> outcome(journal, histories, now.plus(MAX_CLOCK_SKEW), newEntries))
                        .toList()))
                .toList();
        if (!newEntries.isEmpty()) {
            grow(transaction, compactRange, now, newEntries);
        }
        return new Appended(results, !newEntries.isEmpty());
    }

    /** Appends commitments, under one signature: they are in the log when the caller's transaction commits, and not at all otherwise. */
    List<Commitment> commit(Transaction transaction, List<Commitment.Content> contents) throws SQLException {
        if (contents.isEmpty()) {
            return List.of();
        }
        lock(transaction);
        CompactRange compactRange = newestRange(transaction);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        List<Commitment> commitments = new ArrayList<>(contents.size());
        for (Commitment.Content it : contents) {
            byte[] nonce = new byte[LogEvent.NONCE_SIZE];
            random.nextBytes(nonce);
            long index = compactRange.size() + commitments.size();
            Commitment unhashed =
                    new Commitment(index, it.type(), it.account(), it.name(), it.digest(), now, nonce, null);
            commitments.add(unhashed.with(MerkleTree.leafHash(unhashed.leafData())));
        }
        Commitments.insert(transaction, commitments);
        addLeaves(
                transaction,
                compactRange,
                commitments.stream().map(Commitment::leafHash).toList());
        return commitments;
    }

    /** Durable before we answer, whatever the server's default is; and one companion at a time, so that no index is taken twice. */
    private static void lock(Transaction transaction) throws SQLException {
        transaction.first(
                _ -> true, "SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(?)", LOCK);
    }

    /** A head whose leaves are gone, or that has fewer than there are, is none to build on. */
    private CompactRange newestRange(Transaction transaction) throws SQLException {
        Optional<SignedTreeHead> newest = SignedTreeHead.newest(transaction);
        newest.ifPresent(signatures::require);
        CompactRange compactRange = newest.map(SignedTreeHead::compactRange).orElse(CompactRange.EMPTY);
        long leaves = transaction
                .first(row -> row.number("leaves"), "SELECT " + SignedTreeHead.LEAVES + " AS leaves")
                .orElseThrow();
        DamagedLog.unless(
                leaves == compactRange.size(), compactRange.size(), "size", "is not the number of events, " + leaves);
        return compactRange;
    }

    private record NewEntry(Subject subject, LedgerEntry entry) {}

    /** Deliveries of one transaction may concern the same resource: each is validated against what those before it have added. */
    private static Outcome outcome(
            ResourceJournal journal,
            Map<String, ResourceHistory> histories,
            Instant latest,
            List<NewEntry> newEntries) {
        Subject subject = journal.subject();
        ResourceHistory history = histories.getOrDefault(subject.uid(), ResourceHistory.none());
        return switch (history.validate(journal, latest)) {
            case ResourceHistory.Rejected(var refusal) -> new Outcome(subject.uid(), history.recorded(), refusal);
            case ResourceHistory.Accepted(var entries) -> {
                ResourceHistory now = history.with(subject, entries);
                histories.put(subject.uid(), now);
                entries.forEach(it -> newEntries.add(new NewEntry(subject, it)));
                yield new Outcome(subject.uid(), now.recorded(), null);
            }
        };
    }

    private void grow(Transaction transaction, CompactRange compactRange, Instant now, List<NewEntry> newEntries)
            throws SQLException {
        byte[] nonces = new byte[newEntries.size() * LogEvent.NONCE_SIZE];
        random.nextBytes(nonces);
        List<LogEvent> events = new ArrayList<>(newEntries.size());
        List<byte[]> leafHashes = new ArrayList<>(newEntries.size());
        for (int i = 0; i < newEntries.size(); i++) {
            byte[] nonce = Arrays.copyOfRange(nonces, i * LogEvent.NONCE_SIZE, (i + 1) * LogEvent.NONCE_SIZE);
            NewEntry it = newEntries.get(i);
            LogEvent unhashed = new LogEvent(compactRange.size() + i, it.subject, it.entry, now, nonce, null);
            leafHashes.add(MerkleTree.leafHash(unhashed.leafData()));
            events.add(unhashed.with(leafHashes.getLast()));
        }
        EventTable.insert(transaction, events);
        addLeaves(transaction, compactRange, leafHashes);
    }

    /** Their rows are inserted. */
    private void addLeaves(Transaction transaction, CompactRange compactRange, List<byte[]> leafHashes)
            throws SQLException {
        TileWriter.store(transaction, compactRange.size(), leafHashes);
        sign(transaction, compactRange.addAll(leafHashes));
    }

    private SignedTreeHead sign(Transaction transaction, CompactRange compactRange) throws SQLException {
        String text = new Checkpoint(key.verifier().name(), compactRange.size(), compactRange.root()).text();
        SignedTreeHead head = new SignedTreeHead(compactRange, key.sign(text));
        head.insert(transaction);
        signatures.signed(head.note());
        return head;
    }
}
