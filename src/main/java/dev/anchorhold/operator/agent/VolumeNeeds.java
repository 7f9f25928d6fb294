package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentDecider.attempt;
import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an Agent needs of its data volume: that it is there, as large as wanted, and attached to its server alone. Pure. */
final class VolumeNeeds {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    private VolumeNeeds() {}

    /** Made once: one that somebody deleted is not made anew, since the data is gone. */
    static Need<AgentStep> volume(AgentObservation agent, Cloud cloud) {
        int wanted = agent.spec().dataVolume().sizeGiB();
        return switch (cloud.volumes()) {
            case Unknown<List<Volume>>(var reason, var _) -> Need.unknown(INVENTORY_STALE, reason, SOON);
            case Absent<List<Volume>> _
            when agent.status().volumeId() != null ->
                Need.blocked(
                        VOLUME_LOST,
                        "volume %d was deleted behind our back, and all data with it; it is not made anew. Make a new Agent"
                                .formatted(agent.status().volumeId()),
                        Plan.RESYNC_INTERVAL);
            case Absent<List<Volume>> _ ->
                refused(agent)
                        .orElseGet(() -> attempt(
                                cloud,
                                VOLUME_CREATING,
                                "making a volume of %d GiB".formatted(wanted),
                                new CreateVolume(wanted, cloud.location())));
            case Seen<List<Volume>>(var all, var _)
            when all.size() > 1 ->
                Need.blocked(
                        DUPLICATE_VOLUMES,
                        "several volumes bear this object's label (ids %s); delete those that you do not want"
                                .formatted(ids(all)),
                        Plan.RESYNC_INTERVAL);
            case Seen<List<Volume>>(var all, var _) -> grown(agent, cloud, all.getFirst(), wanted);
        };
    }

    /** Why it may not be as large as wanted: one that stands goes on as it is, and says so when all else is met. */
    static Optional<Need<AgentStep>> refused(AgentObservation agent) {
        return agent.volumeRefusal().map(it -> Need.blocked(it.reason(), it.message(), LATER));
    }

    private static Need<AgentStep> grown(AgentObservation agent, Cloud cloud, Volume volume, int wanted) {
        if (cloud.server().running("create_volume")) {
            return Need.waitFor(VOLUME_CREATING, "the cloud is making volume " + volume.id(), LATER);
        }
        if (volume.size() >= wanted || agent.volumeRefusal().isPresent()) {
            return Need.met(AS_SPECIFIED, "volume %d has %d GiB".formatted(volume.id(), volume.size()));
        }
        return cloud.server().running("resize_volume")
                ? Need.waitFor(VOLUME_GROWING, "the cloud is growing volume " + volume.id(), LATER)
                : attempt(
                        cloud,
                        VOLUME_GROWING,
                        "growing volume %d to %d GiB".formatted(volume.id(), wanted),
                        new ResizeVolume(volume.id(), wanted));
    }

    /** Either side may have been read last: what the create call attached shows at the server first. */
    static Need<AgentStep> attached(Cloud cloud) {
        Server server = cloud.server().server().orElseThrow();
        Volume volume = theVolume(cloud);
        if (cloud.server().running("attach_volume", "detach_volume")) {
            return Need.waitFor(VOLUME_ATTACHING, "the cloud is attaching the volume", LATER);
        }
        if (cloud.volumeServer().filter(id -> id != server.id()).isPresent()) {
            return free(cloud, volume);
        }
        return cloud.volumeServer().isPresent() || server.volumes().contains(volume.id())
                ? Need.met(AS_SPECIFIED, "volume %d has %d GiB, and is attached".formatted(volume.id(), volume.size()))
                : attempt(
                        cloud,
                        VOLUME_ATTACHING,
                        "attaching volume %d to server %d".formatted(volume.id(), server.id()),
                        new AttachVolume(volume.id(), server.id()));
    }

    static Need<AgentStep> free(Cloud cloud, Volume volume) {
        return attempt(
                cloud,
                VOLUME_ATTACHING,
                "detaching volume %d from server %d"
                        .formatted(volume.id(), cloud.volumeServer().orElseThrow()),
                new DetachVolume(volume.id()));
    }

    /** Once it is seen. */
    static Volume theVolume(Cloud cloud) {
        return ((Seen<List<Volume>>) cloud.volumes()).value().getFirst();
    }

    private static String ids(List<Volume> volumes) {
        return String.join(", ", volumes.stream().map(v -> "" + v.id()).toList());
    }
}
