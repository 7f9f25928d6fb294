package dev.anchorhold.operator.pipeline;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.operator.backoff.FailureBackoff;
import dev.anchorhold.operator.session.HetznerSession;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Base of the executors of one object's steps: create or adopt, ownership checks, recording of answers, failures and
 * events.
 */
public abstract class StepExecutor {
    private static final Logger LOG = Logger.getLogger(StepExecutor.class);

    protected final HetznerSession session;
    protected final HasMetadata object;
    protected final CloudIdentity identity;
    private final EventRecorder eventRecorder;

    protected StepExecutor(
            HetznerSession session, HasMetadata object, CloudIdentity identity, EventRecorder eventRecorder) {
        this.session = session;
        this.object = object;
        this.identity = identity;
        this.eventRecorder = eventRecorder;
    }

    protected final String uid() {
        return object.getMetadata().getUid();
    }

    /** Makes it, or finds that it was made: by a process that died, or by a call whose answer was lost (F01, F02, F09). */
    protected final <T> T createOrAdopt(Supplier<T> make, Supplier<Optional<T>> find) {
        try {
            return make.get();
        } catch (CloudException.NameTaken taken) {
            return find.get().orElseThrow(() -> taken);
        } catch (CloudException.UnknownOutcome lost) {
            recordUnknownOutcome();
            return find.get().orElseThrow(() -> lost);
        }
    }

    protected final boolean requireOwned(Map<String, String> labels, Map<String, String> wanted, String what, long id) {
        if (labels.entrySet().containsAll(wanted.entrySet())) {
            return true;
        }
        throw new CloudException.NameTaken(
                new CloudException.Detail(
                        "uniqueness_error",
                        "%s %d in the project has the name '%s' and is not ours; rename it there"
                                .formatted(what, id, identity.serverName()),
                        ""),
                List.of("name"));
    }

    protected final boolean isOurs(Map<String, String> labels) {
        return Ownership.isOf(labels, session.installation(), uid());
    }

    /** @throws CloudException why it could not be read: then it is read again after a while */
    protected static DeletionCheck conclusive(DeletionCheck deletionCheck) {
        if (deletionCheck instanceof DeletionCheck.Unknown(var why)) {
            throw why;
        }
        return deletionCheck;
    }

    protected final void recordActions(List<Action> actions) {
        session.inventory().recordActions(uid(), actions);
    }

    protected final Void emitEvent(String reason, String action, String note) {
        eventRecorder.normal(object, reason, action, note);
        return null;
    }

    protected final void emitWarning(String reason, String action, String note) {
        eventRecorder.warning(object, reason, action, note);
    }

    /** An answer was lost: what is known of the object in that cloud may be outdated (F09). */
    protected void recordUnknownOutcome() {
        session.inventory().recordUnknownOutcome(uid());
    }

    /** Something was not found: what is known of the object is read again. */
    protected void requestReread() {
        session.inventory().requestReread(uid());
    }

    /** What an error says of more than the object. */
    protected void recordCredentialFailure(CloudException e) {
        session.recordCredentialFailure(e);
    }

    /** Records that the object's step was carried out. */
    public void recordSuccess(String step) {
        session.backoff().recordSuccess(uid(), step);
    }

    /** Records the error as a failure of the object's step, and backs off. */
    public final void recordFailure(String step, CloudException e) {
        var last = session.backoff().lastFailure(uid(), step);
        if (!(e instanceof CloudException.Unresolved && isSaid(last, e))) { // which is tried every few seconds
            logFailure(step, e);
        }
        if (e instanceof CloudException.UnknownOutcome) {
            recordUnknownOutcome();
        }
        if (e instanceof CloudException.NotFound) {
            requestReread();
        }
        long generation = object.getMetadata().getGeneration();
        session.backoff().recordFailure(uid(), step, generation, e);
        if (last.isEmpty()
                && (e instanceof CloudException.Quota
                        || e instanceof CloudException.Unresolved
                        || e instanceof CloudException.NameTaken
                        || e instanceof CloudException.Invalid)) {
            emitWarning(FailureBackoff.conditionReason(e), step, e.getMessage());
        }
    }

    private static boolean isSaid(Optional<FailureBackoff.Failure> last, CloudException e) {
        return last.filter(it -> Objects.equals(it.error().getMessage(), e.getMessage()))
                .isPresent();
    }

    protected final void logFailure(String step, CloudException e) {
        LOG.infof(
                "%s/%s %s: %s (%s) %s",
                object.getMetadata().getNamespace(),
                object.getMetadata().getName(),
                step,
                e.code(),
                e.correlationId(),
                e.getMessage());
        recordCredentialFailure(e);
    }
}
