package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.hetzner.Action;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The work on one object in the cloud, whatever it is: who it is for, and what all steps share. */
public abstract class Work {
    private static final Logger LOG = Logger.getLogger(Work.class);

    protected final CloudSession session;
    protected final HasMetadata object;
    protected final Identity identity;
    private final Events events;

    protected Work(CloudSession session, HasMetadata object, Identity identity, Events events) {
        this.session = session;
        this.object = object;
        this.identity = identity;
        this.events = events;
    }

    protected final String uid() {
        return object.getMetadata().getUid();
    }

    /** Makes it, or finds that it was made: by a process that died, or by a call whose answer was lost (F01, F02, F09). */
    protected final <T> T creating(Supplier<T> make, Supplier<Optional<T>> find) {
        try {
            return make.get();
        } catch (CloudException.NameTaken taken) {
            return find.get().orElseThrow(() -> taken);
        } catch (CloudException.UnknownOutcome lost) {
            lostAnswer();
            return find.get().orElseThrow(() -> lost);
        }
    }

    protected final boolean mine(Map<String, String> labels, Map<String, String> wanted, String what, long id) {
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

    /** @throws CloudException why it could not be looked at: then it is looked at again after a while */
    protected static Departure conclusive(Departure departure) {
        if (departure instanceof Departure.Unknown(var why)) {
            throw why;
        }
        return departure;
    }

    protected final void actions(List<Action> actions) {
        session.inventory().recordActions(uid(), actions);
    }

    protected final Void tell(String reason, String action, String note) {
        events.normal(object, reason, action, note);
        return null;
    }

    protected final void warn(String reason, String action, String note) {
        events.warning(object, reason, action, note);
    }

    /** An answer was lost: what is known of the object in that cloud is in doubt (F09). */
    protected void lostAnswer() {
        session.inventory().recordLostAnswer(uid());
    }

    /** Something was not found: what is known of the object is read again. */
    protected void lookAgain() {
        session.inventory().lookAgain(uid());
    }

    /** What an error says of more than the object. */
    protected void heed(CloudException e) {
        session.heed(e);
    }

    /** What went wrong becomes a setback of the object. */
    public final void wentWrong(String step, CloudException e) {
        logSetback(step, e);
        if (e instanceof CloudException.UnknownOutcome) {
            lostAnswer();
        }
        if (e instanceof CloudException.NotFound) {
            lookAgain();
        }
        long generation = object.getMetadata().getGeneration();
        boolean first = session.setbacks().last(uid(), step).isEmpty();
        session.setbacks().failed(uid(), step, generation, e);
        if (first
                && (e instanceof CloudException.Quota
                        || e instanceof CloudException.NameTaken
                        || e instanceof CloudException.Invalid)) {
            warn(Setbacks.reason(e), step, e.getMessage());
        }
    }

    protected final void logSetback(String step, CloudException e) {
        LOG.infof(
                "%s/%s %s: %s (%s) %s",
                object.getMetadata().getNamespace(),
                object.getMetadata().getName(),
                step,
                e.code(),
                e.correlationId(),
                e.getMessage());
        heed(e);
    }

    protected static Map<String, String> withoutOurs(Map<String, String> labels) {
        Set<String> ours = Set.of(Ownership.INSTALLATION, Ownership.KIND, Ownership.UID);
        return labels.entrySet().stream()
                .filter(l -> !ours.contains(l.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
