package dev.anchorhold.operator;

import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.Journal;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;

/**
 * The template of the reconcilers of all kinds that stand in a cloud and in the books: runs the rounds, offers the books what the journal
 * has then, and takes the finalizer off when the plan lets the object go.
 *
 * @param <R> the resource
 * @param <S> its steps
 * @param <T> its status
 */
public abstract class CloudResourceReconciler<R extends CustomResource<?, T>, S, T>
        implements Reconciler<R>, Cleaner<R> {
    protected final Fleet fleet;
    private final Books books;
    private final StatusWriter status;

    protected CloudResourceReconciler(Fleet fleet, Books books, StatusWriter status) {
        this.fleet = fleet;
        this.books = books;
        this.status = status;
    }

    /** For one reconcile. */
    protected abstract Rounds.Round<R, S, T> round();

    protected abstract String account(R resource);

    /** Wakes the account if it tells of another number of such objects than there are. */
    protected abstract void compareCount(String account);

    protected abstract Journal journal(T status);

    /** The object as the books know it. */
    protected abstract Subject subject(R resource);

    /** It is gone: nothing is kept of it in memory. */
    protected abstract void forget(R resource, String uid);

    @Override
    public UpdateControl<R> reconcile(R resource, Context<R> context) {
        return UpdateControl.<R>noUpdate().rescheduleAfter(go(resource).again().toMillis());
    }

    @Override
    public DeleteControl cleanup(R resource, Context<R> context) {
        var plan = go(resource);
        if (!plan.released()) {
            return DeleteControl.noFinalizerRemoval()
                    .rescheduleAfter(plan.again().toMillis());
        }
        String uid = resource.getMetadata().getUid();
        forget(resource, uid);
        status.forget(uid);
        books.forget(uid);
        fleet.account(account(resource)).ifPresent(fleet::wake);
        return DeleteControl.defaultDelete();
    }

    private Plan<S, T> go(R cached) {
        compareCount(account(cached));
        var plan = Rounds.go(fleet, status, cached, round());
        R onRecord = status.newest(cached);
        if (onRecord.getStatus() != null) {
            books.offer(onRecord.getMetadata().getUid(), journal(onRecord.getStatus()), () -> subject(onRecord));
        }
        return plan;
    }
}
