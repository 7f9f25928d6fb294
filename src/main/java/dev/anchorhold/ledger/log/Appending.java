package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Entry;
import dev.anchorhold.ledger.event.Journal;
import dev.anchorhold.ledger.event.Receipt;
import dev.anchorhold.ledger.event.Receipt.Outcome;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.BadNote;
import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.Frontier;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.Tree;
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
final class Appending {
    private static final Logger LOG = Logger.getLogger(Appending.class);
    /** Any number, the same in all companions: who holds it alone makes the log grow. */
    private static final long LOCK = 0x616e_6368_6f72_6c67L;

    /** By how much the cloud's clock may be ahead of ours. */
    private static final Duration CLOCKS_DIFFER = Duration.ofDays(1);

    private final SigningKey key;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    /** The note that we have looked at, or made, last. */
    private volatile String known;

    Appending(SigningKey key, InstantSource clock) {
        this.key = key;
        this.clock = clock;
    }

    /** The newest head; that of the empty log when there is none yet. */
    Head begin(Transaction transaction) throws SQLException {
        lock(transaction);
        Optional<Head> newest = Head.newest(transaction);
        newest.ifPresent(this::look);
        return newest.isPresent() ? newest.get() : signed(transaction, Frontier.EMPTY);
    }

    /**
     * What is so once this is committed.
     *
     * @param receipts for each delivery
     * @param grew whether anything was new
     */
    record Appended(List<Receipt> receipts, boolean grew) {}

    Appended append(Transaction transaction, List<Delivery> deliveries) throws SQLException {
        lock(transaction);
        Frontier frontier = frontier(transaction);
        List<Journal> journals =
                deliveries.stream().flatMap(it -> it.journals().stream()).toList();
        Map<String, History> histories = Leaves.histories(transaction, journals);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        List<Told> fresh = new ArrayList<>();
        List<Receipt> receipts = deliveries.stream()
                .map(it -> new Receipt(it.journals().stream()
                        .map(journal -> outcome(journal, histories, now.plus(CLOCKS_DIFFER), fresh))
                        .toList()))
                .toList();
        if (!fresh.isEmpty()) {
            grow(transaction, frontier, now, fresh);
        }
        return new Appended(receipts, !fresh.isEmpty());
    }

    /** Durable before we answer, whatever the server's default is; and one companion at a time, so that no index is taken twice. */
    private static void lock(Transaction transaction) throws SQLException {
        transaction.first(
                _ -> true, "SELECT set_config('synchronous_commit', 'on', true), pg_advisory_xact_lock(?)", LOCK);
    }

    /** A head whose leaves are gone, or that has fewer than there are, is none to build on. */
    private Frontier frontier(Transaction transaction) throws SQLException {
        Optional<Head> newest = Head.newest(transaction);
        newest.ifPresent(this::look);
        Frontier frontier = newest.map(Head::frontier).orElse(Frontier.EMPTY);
        long leaves = transaction
                .first(row -> row.number("leaves"), "SELECT coalesce(max(index) + 1, 0) AS leaves FROM ledger.event")
                .orElseThrow();
        DamagedLog.unless(leaves == frontier.size(), frontier.size(), "size", "is not the number of events, " + leaves);
        return frontier;
    }

    /** A head that our key did not sign is a fact for whoever verifies the log, and no reason to stop keeping it. */
    private void look(Head head) {
        if (head.note().equals(known)) {
            return;
        }
        try {
            key.verifier().open(head.note());
        } catch (BadNote e) {
            LOG.errorf(
                    "THE LOG'S NEWEST CHECKPOINT, OF SIZE %d, WAS NOT SIGNED BY THIS KEY (%s): %s. If nobody has changed the key or the"
                            + " origin, somebody has rewritten the log: verify it against a checkpoint kept elsewhere. It goes on, signed"
                            + " by this key.",
                    head.size(), key.verifier().text(), e.getMessage());
        }
        known = head.note();
    }

    private record Told(Subject subject, Entry entry) {}

    /** Deliveries of one transaction may speak of the same resource: each is judged by what those before it have added. */
    private static Outcome outcome(Journal journal, Map<String, History> histories, Instant latest, List<Told> fresh) {
        Subject subject = journal.subject();
        History history = histories.getOrDefault(subject.uid(), History.none());
        return switch (history.judge(journal, latest)) {
            case History.Refused(var refusal) -> new Outcome(subject.uid(), history.recorded(), refusal);
            case History.New(var entries) -> {
                History now = history.with(subject, entries);
                histories.put(subject.uid(), now);
                entries.forEach(it -> fresh.add(new Told(subject, it)));
                yield new Outcome(subject.uid(), now.recorded(), null);
            }
        };
    }

    private void grow(Transaction transaction, Frontier frontier, Instant now, List<Told> fresh) throws SQLException {
        byte[] nonces = new byte[fresh.size() * Event.NONCE];
        random.nextBytes(nonces);
        List<Event> events = new ArrayList<>(fresh.size());
        List<byte[]> leafHashes = new ArrayList<>(fresh.size());
        for (int i = 0; i < fresh.size(); i++) {
            byte[] nonce = Arrays.copyOfRange(nonces, i * Event.NONCE, (i + 1) * Event.NONCE);
            Event unhashed = new Event(frontier.size() + i, fresh.get(i).subject, fresh.get(i).entry, now, nonce, null);
            leafHashes.add(Tree.leafHash(unhashed.leafData()));
            events.add(unhashed.with(leafHashes.getLast()));
        }
        Leaves.insert(transaction, events);
        FullTiles.store(transaction, frontier.size(), leafHashes);
        signed(transaction, frontier.addAll(leafHashes));
    }

    private Head signed(Transaction transaction, Frontier frontier) throws SQLException {
        String text = new Checkpoint(key.verifier().name(), frontier.size(), frontier.root()).text();
        Head head = new Head(frontier, key.sign(text));
        head.insert(transaction);
        known = head.note();
        return head;
    }
}
