package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Database.Transaction;
import dev.anchorhold.platform.VitalThread;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * The append-only, signed log of all journal entries. Deliveries that come while a commit is on its way share the next one: so
 * its throughput does not hang on how long a commit takes. Several processes may have one on the same database.
 */
public final class TransparencyLog implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TransparencyLog.class);
    private static final int QUEUE_CAPACITY = 256;
    private static final int MAX_ENTRIES_PER_COMMIT = 4_000;
    private static final long QUEUE_TIMEOUT_SECONDS = 20;
    private static final long COMMIT_TIMEOUT_SECONDS = 60;

    private final Database database;
    private final SigningKey key;
    private final Sequencer sequencer;
    private final BlockingQueue<PendingDelivery> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Thread writer;
    private final CheckpointSignatures signatures;
    private volatile boolean ending;

    private record PendingDelivery(Delivery delivery, CompletableFuture<DeliveryResult> result) {
        int entries() {
            return delivery.journals().stream()
                    .mapToInt(it -> it.entries().size())
                    .sum();
        }
    }

    public TransparencyLog(Database database, SigningKey key, InstantSource clock) {
        this(database, key, List.of(), clock);
    }

    /**
     * @param key its name is the log's origin
     * @param previous those that signed the log before it
     */
    public TransparencyLog(Database database, SigningKey key, List<VerifyingKey> previous, InstantSource clock) {
        this.database = database;
        this.key = key;
        this.signatures = new CheckpointSignatures(key.verifier(), previous);
        this.sequencer = new Sequencer(key, signatures, clock);
        this.writer = VitalThread.startPlatform("log", this::write);
    }

    /**
     * Records what is new in it. When this returns, all that the result says is durable, and in a signed checkpoint.
     *
     * @throws Database.Unavailable if that cannot be known: it may be recorded or not, and delivering it again settles it
     */
    public DeliveryResult record(Delivery delivery) {
        PendingDelivery pendingDelivery = new PendingDelivery(delivery, new CompletableFuture<>());
        try {
            if (ending || !queue.offer(pendingDelivery, QUEUE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new Database.Unavailable("too many calls wait for the log");
            }
            return pendingDelivery.result.get(COMMIT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException _) {
            throw new Database.Unavailable("the log did not answer in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new Database.Unavailable("the call was given up");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    /**
     * Commits to something by its digest, as a part of the caller's transaction: until that ends nothing else is recorded. So do
     * it last.
     *
     * @param account null for what is no account's
     * @throws DamagedLog when nothing may be built on the log as it is
     */
    public Commitment commit(Transaction transaction, Commitment.Type type, String account, String name, byte[] digest)
            throws SQLException {
        return commit(transaction, List.of(new Commitment.Content(type, account, name, digest)))
                .getFirst();
    }

    /** The same for many at once, which share one signature. */
    public List<Commitment> commit(Transaction transaction, List<Commitment.Content> contents) throws SQLException {
        return sequencer.commit(transaction, contents);
    }

    /** The newest signed state, for whoever verifies it: by whichever key. There is one from the first call on, of an empty log. */
    public SignedTreeHead head() {
        return database.transaction(SignedTreeHead::newest).orElseGet(() -> database.transaction(sequencer::begin));
    }

    /** @throws DamagedLog when the newest checkpoint is none that the log's keys signed, or contradicts what there is */
    public void requireSigned(Transaction transaction) throws SQLException {
        SignedTreeHead.newest(transaction).ifPresent(signatures::require);
    }

    /** Signs the empty log if it is new. */
    void begin() {
        database.transaction(sequencer::begin);
    }

    public VerifyingKey key() {
        return key.verifier();
    }

    /** Called after each commit that added leaves, in the one thread that makes the log grow: must do no more than wake somebody. */
    public void onGrowth(Runnable listener) {
        listeners.add(listener);
    }

    private void write() {
        List<PendingDelivery> batch = new ArrayList<>();
        try {
            while (!ending) {
                batch.add(queue.take());
                int entries = batch.getFirst().entries();
                for (PendingDelivery next = queue.poll(); next != null; next = queue.poll()) {
                    batch.add(next);
                    entries += next.entries();
                    if (entries >= MAX_ENTRIES_PER_COMMIT) {
                        break;
                    }
                }
                commit(batch);
                batch.clear();
            }
        } catch (InterruptedException _) {
            // ends
        }
    }

    /** Whatever goes wrong ends one commit, and never this thread. */
    private void commit(List<PendingDelivery> batch) {
        try {
            List<Delivery> deliveries =
                    batch.stream().map(PendingDelivery::delivery).toList();
            Sequencer.Appended appended = database.transaction(it -> sequencer.append(it, deliveries));
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).result.complete(appended.results().get(i));
            }
            if (appended.grew()) {
                listeners.forEach(Runnable::run);
            }
        } catch (RuntimeException | Error e) {
            LOG.errorf("%d deliveries were not recorded, unless they are sent again: %s", batch.size(), e.getMessage());
            batch.forEach(it -> it.result.completeExceptionally(e));
        }
    }

    @Override
    public void close() {
        ending = true;
        writer.interrupt();
    }
}
