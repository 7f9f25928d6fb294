package dev.anchorhold.operator.pipeline;

import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;

/**
 * Base of the reconcilers of kinds with cloud resources and a journal: runs the reconcile loop, submits the journal to
 * the sink, and removes the finalizer when the plan releases it.
 *
 * @param <R> the resource
 * @param <S> its steps
 * @param <T> its status
 */
public abstract class CloudResourceReconciler<R extends CustomResource<?, T>, S, T>
        implements Reconciler<R>, Cleaner<R> {
    protected final Fleet fleet;
    private final JournalSink journalSink;
    private final StatusWriter status;

    protected CloudResourceReconciler(Fleet fleet, JournalSink journalSink, StatusWriter status) {
        this.fleet = fleet;
        this.journalSink = journalSink;
        this.status = status;
    }

    /** The observe, decide and act of one reconcile. */
    protected abstract ReconcileLoop.Pass<R, S, T> newPass();

    protected abstract String account(R resource);

    /** Enqueues the account if its status has another count of such objects than the cache. */
    protected abstract void compareCount(String account);

    protected abstract StatusJournal journal(T status);

    /** The object as the books know it. */
    protected abstract Subject subject(R resource);

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
        String uid = resource.getMetadata().getUid();
        forget(resource, uid);
        status.forget(uid);
        journalSink.forget(uid);
        fleet.account(account(resource)).ifPresent(fleet::enqueue);
        return DeleteControl.defaultDelete();
    }

    private Plan<S, T> runLoop(R cached) {
        compareCount(account(cached));
        var plan = ReconcileLoop.run(fleet, status, cached, newPass());
        R onRecord = status.newest(cached);
        if (onRecord.getStatus() != null) {
            journalSink.submit(onRecord.getMetadata().getUid(), journal(onRecord.getStatus()), () -> subject(onRecord));
        }
        return plan;
    }
}
