package dev.anchorhold.operator.adoption;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.operator.adoption.AdoptionStep.*;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.JournalEntry;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Executes the steps of an adoption that are the same for every kind: asks the books, gives what bears the predecessor's
 * labels those of the object, and has the books record the predecessor's end.
 */
public final class AdoptionExecutor extends StepExecutor {
    private final JournalSink journalSink;
    private final Predecessors predecessors;
    private final Adoption onRecord;

    /** @param onRecord null before the adoption began */
    public AdoptionExecutor(
            HetznerSession session,
            HasMetadata object,
            CloudIdentity identity,
            EventRecorder eventRecorder,
            JournalSink journalSink,
            Predecessors predecessors,
            Adoption onRecord) {
        super(session, object, identity, eventRecorder);
        this.journalSink = journalSink;
        this.predecessors = predecessors;
        this.onRecord = onRecord;
    }

    public void execute(AdoptionStep step) {
        switch (step) {
            case AskBooks(String from, var _) -> askBooks(from);
            case TakeServer(long id, String from) -> takeServer(id, from);
            case TakeFirewall(long id, String from) -> takeFirewall(id, from);
            case TakeVolume(long id, String from) -> takeVolume(id, from);
            case EndPredecessor(String from) -> {
                if (journalSink.deliveryStatus(from).flatMap(it -> it.failure()).isPresent()) {
                    askBooks(from); // they may have got a further entry since they were asked
                }
                predecessors.recorded(from).ifPresent(it -> endPredecessor(from, it));
            }
        }
    }

    private void askBooks(String from) {
        journalSink.forget(from);
        try {
            journalSink.recorded(from).ifPresent(it -> predecessors.put(from, it));
        } catch (CloudException.Unauthorized e) { // it says nothing of the cloud's credentials
            throw new CloudException.Transient(new CloudException.Detail(e.code(), e.getMessage(), ""), e);
        }
    }

    private void takeServer(long id, String from) {
        var server = session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .orElseThrow(() -> gone("server", id));
        taken(server.labels(), from, "server", id)
                .ifPresent(labels ->
                        session.client().relabelServer(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, id, labels));
        session.inventory().recordServer(uid(), server.withLabels(ours(server.labels())), List.of());
    }

    private void takeFirewall(long id, String from) {
        var firewall = session.client()
                .getFirewall(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .orElseThrow(() -> gone("firewall", id));
        taken(firewall.labels(), from, "firewall", id)
                .ifPresent(labels ->
                        session.client().relabelFirewall(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, id, labels));
        session.inventory().recordFirewall(uid(), firewall.withLabels(ours(firewall.labels())), List.of());
    }

    private void takeVolume(long id, String from) {
        var volume = session.client()
                .volumes()
                .get(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .orElseThrow(() -> gone("volume", id));
        taken(volume.labels(), from, "volume", id)
                .ifPresent(labels ->
                        session.client().volumes().relabel(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, id, labels));
        session.inventory().recordVolume(uid(), volume.withLabels(ours(volume.labels())), List.of());
    }

    /** The labels to write; empty when they are there already: by a process that died, or a call whose answer was lost. */
    private Optional<Map<String, String>> taken(Map<String, String> labels, String from, String what, long id) {
        if (isOurs(labels)) {
            return Optional.empty();
        }
        if (!Ownership.isOf(labels, session.installation(), from)) {
            throw new CloudException.NotFound(new CloudException.Detail(
                    "not_ours", "%s %d does not bear the label of %s any more".formatted(what, id, from), ""));
        }
        emitEvent("Adopted", "Adopt", "taking over %s %d from %s".formatted(what, id, from));
        return Optional.of(ours(labels));
    }

    /** With what others wrote there. */
    private Map<String, String> ours(Map<String, String> labels) {
        var all = new HashMap<>(labels);
        all.remove(Ownership.ORPHANED_SINCE);
        all.putAll(identity.labels());
        return all;
    }

    private CloudException gone(String what, long id) {
        requestReread();
        session.inventory().requestReread(onRecord.from());
        return new CloudException.NotFound(
                new CloudException.Detail("gone", "%s %d is not there any more".formatted(what, id), ""));
    }

    /** The same entry each time: it follows from what is on record. */
    private void endPredecessor(String from, RecordedResource recorded) {
        var last = recorded.last();
        if (last == null || last.event() == EventType.DESTROY) {
            return;
        }
        Instant at = Instant.parse(onRecord.at());
        var end = new JournalEntry(
                last.sequence() + 1,
                StatusJournal.format(at.isBefore(last.at()) ? last.at() : at),
                EventType.DESTROY.wire(),
                null,
                last.account(),
                null,
                AdoptedJournal.requester(object, "adopted as " + uid()),
                null,
                null);
        journalSink.submit(from, new StatusJournal(List.of(end)), recorded::subject);
    }
}
