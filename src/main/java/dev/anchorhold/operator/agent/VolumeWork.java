package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Created;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Work;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.resource.Agent;
import java.util.List;

/** An Agent's data volume: made once, found again after any crash, grown, attached, deleted or let go of. */
final class VolumeWork extends Work {

    VolumeWork(CloudSession session, Agent agent, Events events) {
        super(session, agent, AgentObserver.identity(agent, session), events);
    }

    void create(CreateVolume s) {
        Created<Volume> made = creating(
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
                        .filter(f -> mine(f.labels(), identity.labels(), "volume", f.id()))
                        .map(f -> new Created<>(f, List.of())));
        session.inventory().recordVolume(uid(), made.value(), made.actions());
        tell(
                "VolumeCreated",
                "CreateVolume",
                "volume %d of %d GiB in %s"
                        .formatted(made.value().id(), made.value().size(), s.location()));
    }

    void resize(ResizeVolume s) {
        actions(List.of(session.client()
                .volumes()
                .resize(Urgency.DELETION_OR_PERSON, Purpose.RESIZE, s.volumeId(), s.sizeGiB())));
        tell("VolumeGrown", "ResizeVolume", "growing volume %d to %d GiB".formatted(s.volumeId(), s.sizeGiB()));
    }

    void attach(AttachVolume s) {
        actions(List.of(session.client()
                .volumes()
                .attach(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.volumeId(), s.serverId())));
        tell(
                "VolumeAttached",
                "AttachVolume",
                "attaching volume %d to server %d".formatted(s.volumeId(), s.serverId()));
    }

    void detach(long id) {
        actions(session.client().volumes().detach(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, id));
        tell("VolumeDetached", "DetachVolume", "detaching volume %d".formatted(id));
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
        tell("VolumeDeleted", "DeleteVolume", "deleted volume %d, and all data on it".formatted(id));
    }

    void disown(long id) {
        session.client()
                .volumes()
                .get(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(v -> session.client()
                        .volumes()
                        .relabel(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(v.labels())));
        session.inventory().recordVolumeDeleted(uid(), id);
        tell("VolumeReleased", "Disown", "volume %d stays, and is no longer looked after".formatted(id));
    }
}
