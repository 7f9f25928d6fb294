package dev.anchorhold.operator.pipeline;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.backoff.ExponentialBackoff;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.platform.VitalThread;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ObjectStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Base of the reconcilers of kinds with cloud resources and a journal: runs the reconcile loop, submits the journal to
 * the sink, and removes the finalizer when the plan releases it.
 *
 * @param <R> the resource
 * @param <S> its steps
 * @param <T> its status
 */
public abstract class CloudResourceReconciler<R extends CustomResource<?, T>, S, T extends ObjectStatus>
        implements Reconciler<R>, Cleaner<R> {
    private static final Logger LOG = Logger.getLogger(CloudResourceReconciler.class);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final ExponentialBackoff REVOCATION_BACKOFF =
            new ExponentialBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    protected final Fleet fleet;
    private final JournalSink journalSink;
    private final StatusWriter status;
    private final EventRecorder eventRecorder;
    private final InstantSource clock;

    /** JOSDK reconciles in the leader alone, but fills the caches, and so tells what is removed, in every replica. */
    private volatile boolean leader;

    protected CloudResourceReconciler(
            Fleet fleet,
            JournalSink journalSink,
            StatusWriter status,
            EventRecorder eventRecorder,
            InstantSource clock) {
        this.fleet = fleet;
        this.journalSink = journalSink;
        this.status = status;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
    }

    /** The observe, decide and act of one reconcile. */
    protected abstract ReconcileLoop.Pass<R, S, T> newPass();

    protected abstract String account(R resource);

    /** Enqueues the account if its status has another count of such objects than the cache. */
    protected abstract void compareCount(String account);

    protected abstract StatusJournal journal(T status);

    /** The object as the books know it. */
    protected abstract Subject subject(R resource);

    /** Who let it go, if it was not deleted. */
    protected abstract Optional<Abandonment> abandonment(R resource);

    /**
     * Takes what rights its guest still has, where it was abandoned before that was done. Safe to repeat.
     *
     * @throws CloudException when it was not done: the finalizer stays
     */
    protected void revokeAbandoned(R resource) {}

    /** It is gone: nothing is kept of it in memory. */
    protected abstract void forget(R resource, String uid);

    @Override
    public UpdateControl<R> reconcile(R resource, Context<R> context) {
        return UpdateControl.<R>noUpdate()
                .rescheduleAfter(runLoop(resource).rescheduleAfter().toMillis());
    }

    @Override
    public DeleteControl cleanup(R resource, Context<R> context) {
        var plan = runLoop(resource);
        if (!plan.finalizerReleased()) {
            return DeleteControl.noFinalizerRemoval()
                    .rescheduleAfter(plan.rescheduleAfter().toMillis());
        }
        var abandonment = abandonment(resource);
        if (abandonment.isPresent()) {
            try {
                revokeAbandoned(resource);
            } catch (CloudException e) {
                LOG.warnf("%s: abandoned, but its guest's rights are not taken: %s", uid(resource), e.getMessage());
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(SOON.toMillis());
            }
            eventRecorder.warning(
                    resource,
                    "Abandoned",
                    "Abandon",
                    "let go by %s (%s): what it has in the cloud goes on, unowned, and is paid for"
                            .formatted(
                                    Optional.ofNullable(abandonment.get().by()).orElse("an unknown user"),
                                    abandonment.get().how()));
        }
        String uid = uid(resource);
        forget(resource, uid);
        status.forget(uid);
        journalSink.forget(uid);
        fleet.account(account(resource)).ifPresent(fleet::enqueue);
        return DeleteControl.defaultDelete();
    }

    /**
     * It is there no more. Where a person took the finalizer off, it ends here: the policy {@code finalizers} has seen to
     * it that it said by whom. What vanishes otherwise (a restored etcd) may stand: then it is an orphan, or an open
     * period without an object. The leader alone acts: replicas' clocks differ, and the books take one end.
     */
    protected final void removed(R last) {
        if (leader) {
            compareCount(account(last));
        }
        var annotations =
                Optional.ofNullable(last.getMetadata().getAnnotations()).orElse(Map.of());
        if (!leader
                || last.getStatus() == null
                || !isOwn(last, last.getStatus())
                || !"true".equals(annotations.get(ApiNames.ABANDON))) {
            return;
        }
        var journal = journal(last.getStatus());
        if (journal.isActive()) {
            String by = abandonment(last).map(Abandonment::by).orElse(null);
            var ended = journal.destroy(clock.instant(), by, "abandoned: its finalizer was taken off");
            VitalThread.start("end-" + uid(last), () -> end(last, ended));
        }
    }

    /**
     * First at the door, then in the books: an open period is all that is left of it, and by that its guest's rights are
     * found, and taken, where this process dies meanwhile.
     */
    private void end(R last, StatusJournal ended) {
        try {
            for (int failures = 0; !revoked(last); failures++) {
                Thread.sleep(REVOCATION_BACKOFF.delayAfter(failures));
            }
            journalSink.submit(uid(last), ended, () -> subject(last));
        } catch (InterruptedException _) {
            // nobody does that
        }
    }

    private boolean revoked(R last) {
        try {
            revokeAbandoned(last);
            return true;
        } catch (RuntimeException e) {
            LOG.warnf(
                    "%s: its finalizer was taken off, and its guest's rights are not taken yet: %s",
                    uid(last), e.getMessage());
            return false;
        }
    }

    private String uid(R resource) {
        return resource.getMetadata().getUid();
    }

    private Plan<S, T> runLoop(R cached) {
        leader = true;
        compareCount(account(cached));
        if (fleet.isSynced() && !believesItsStatus(status.newest(cached))) {
            return Plan.noUpdate(ReconcileLoop.RETRY_DELAY);
        }
        var plan = ReconcileLoop.run(fleet, status, cached, newPass());
        R onRecord = status.newest(cached);
        ObjectStatus.own(onRecord)
                .filter(it -> isOwn(onRecord, it))
                .ifPresent(it ->
                        journalSink.submit(onRecord.getMetadata().getUid(), journal(it), () -> subject(onRecord)));
        return plan;
    }

    /**
     * A status that was written for another object, and restored or copied onto this one, is removed before anything is decided on it: its ids,
     * its conditions and its journal are that one's.
     *
     * @return false when the object was changed meanwhile
     */
    private boolean believesItsStatus(R newest) {
        T foreign = newest.getStatus();
        if (foreign == null || isOwn(newest, foreign)) {
            return true;
        }
        boolean removed = status.remove(newest);
        if (removed) {
            eventRecorder.warning(
                    newest, "StatusDisregarded", "Observe", disregarded(Optional.ofNullable(foreign.uid())));
        }
        return removed;
    }

    /** Before there was a UID in it, the server's name tells: it ends in a UID's hash, unless somebody renamed it. */
    private static boolean isOwn(HasMetadata object, ObjectStatus status) {
        String name = Optional.ofNullable(status.serverName()).orElse("");
        return status.uid() == null && name.matches(".*-[0-9a-f]{12}")
                ? name.endsWith(CloudIdentity.hash(object.getMetadata().getUid()))
                : status.isOf(object);
    }

    private String disregarded(Optional<String> uid) {
        String owner = uid.map(it -> fleet.objectOf(it)
                        .map(o -> "%s %s/%s (UID %s)"
                                .formatted(
                                        o.getKind(),
                                        o.getMetadata().getNamespace(),
                                        o.getMetadata().getName(),
                                        it))
                        .orElse("an object with the UID %s, which is not in this cluster".formatted(it)))
                .orElse("another object");
        return "the status that was here was written for %s: it is disregarded, and what it named is that one's"
                .formatted(owner);
    }
}
