package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.CreateResult;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import java.util.List;

/**
 * Executes the steps on an Agent's data volume: create (or find again after a crash), resize, attach, detach, delete,
 * disown.
 */
final class VolumeExecutor extends StepExecutor {

    VolumeExecutor(HetznerSession session, Agent agent, EventRecorder eventRecorder) {
        super(session, agent, AgentObserver.identity(agent, session), eventRecorder);
    }

    void create(CreateVolume s) {
        CreateResult<Volume> made = createOrAdopt(
                () -> session.client()
                        .volumes()
                        .create(
                                Urgency.PROVISIONING,
                                Purpose.CREATE,
                                identity.volumeName(),
                                s.sizeGiB(),
                                s.location(),
                                identity.labels()),
                () -> session.client()
                        .volumes()
                        .findByName(Urgency.PROVISIONING, Purpose.LOOKUP, identity.volumeName())
                        .filter(f -> requireOwned(f.labels(), identity.labels(), "volume", f.id()))
                        .map(f -> new CreateResult<>(f, List.of())));
        session.inventory().recordVolume(uid(), made.value(), made.actions());
        emitEvent(
                "VolumeCreated",
                "CreateVolume",
                "volume %d of %d GiB in %s"
                        .formatted(made.value().id(), made.value().size(), s.location()));
    }

    void resize(ResizeVolume s) {
        recordActions(List.of(session.client()
                .volumes()
                .resize(Urgency.DELETION_OR_PERSON, Purpose.RESIZE, s.volumeId(), s.sizeGiB())));
        emitEvent("VolumeGrown", "ResizeVolume", "growing volume %d to %d GiB".formatted(s.volumeId(), s.sizeGiB()));
    }

    void attach(AttachVolume s) {
        recordActions(List.of(session.client()
                .volumes()
                .attach(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.volumeId(), s.serverId())));
        emitEvent(
                "VolumeAttached",
                "AttachVolume",
                "attaching volume %d to server %d".formatted(s.volumeId(), s.serverId()));
    }

    void detach(long id) {
        recordActions(session.client().volumes().detach(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, id));
        emitEvent("VolumeDetached", "DetachVolume", "detaching volume %d".formatted(id));
    }

    /** Only what is still ours (F03); a stranger's server that it was put on has to let it go first. */
    void delete(long id) {
        var there = session.client().volumes().get(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id);
        there.filter(v -> !isOurs(v.labels())).ifPresent(_ -> {
            throw new CloudException.NotFound(new CloudException.Detail(
                    "not_ours", "volume %d does not bear our labels any more".formatted(id), ""));
        });
        if (there.filter(v -> v.server() != null).isPresent()) {
            detach(id);
            return;
        }
        session.client().volumes().delete(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id);
        session.inventory().recordVolumeDeleted(uid(), id);
        emitEvent("VolumeDeleted", "DeleteVolume", "deleted volume %d, and all data on it".formatted(id));
    }

    void disown(long id) {
        session.client()
                .volumes()
                .get(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(v -> session.client()
                        .volumes()
                        .relabel(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, Ownership.abandoned(v.labels())));
        session.inventory().recordVolumeDeleted(uid(), id);
        emitEvent("VolumeReleased", "Disown", "volume %d stays, and is no longer looked after".formatted(id));
    }
}
