package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.guest.AgentUserData;
import dev.anchorhold.operator.agent.AgentStep.CreateServer;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.server.ServerExecutor;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.DeletionPolicy;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Executes the server steps that differ for Agents: the create call with its user data, and the check that nothing is
 * left in the cloud after deletion.
 */
final class AgentServerExecutor extends ServerExecutor {
    private final Agent agent;
    private final AgentCache cache;

    AgentServerExecutor(
            HetznerSession session,
            Agent agent,
            EventRecorder eventRecorder,
            ShutdownTracker shutdowns,
            AgentCache cache) {
        super(session, agent, AgentObserver.identity(agent, session), eventRecorder, shutdowns);
        this.agent = agent;
        this.cache = cache;
    }

    /** Without a deposit that waits there is nothing to make it with: decide again. */
    void create(CreateServer s, URI door) {
        var settings = agent.getStatus().settings();
        var pendingDeposit = cache.pendingDeposit(uid(), settings);
        if (pendingDeposit.isEmpty()) {
            return;
        }
        var parameters = new AgentUserData.Parameters(
                identity.serverName(),
                uid(),
                door,
                pendingDeposit.get().token(),
                pendingDeposit.get().program());
        if (create(
                s.type(),
                s.imageId(),
                s.location(),
                s.firewallId(),
                List.of(s.volumeId()),
                AgentUserData.render(parameters))) {
            cache.depositUsed(uid());
        }
    }

    boolean capacityExhausted(CreateServer s, CloudException e) {
        return capacityExhausted(s.type(), s.location(), s.firewallId(), e);
    }

    DeletionCheck confirmGone() {
        boolean orphan = agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        var status = Optional.ofNullable(agent.getStatus()).filter(_ -> !orphan);
        Optional<Long> server = status.map(s -> s.serverId());
        Optional<Long> volume = status.map(s -> s.volumeId());
        return confirmGone(
                server,
                !orphan && (server.isEmpty() || volume.isEmpty()),
                this::volumeByName,
                () -> session.inventory().confirmVolumesGone(uid(), ids(volume)));
    }

    private Optional<String> volumeByName() {
        var found = session.client()
                .volumes()
                .findByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.volumeName())
                .filter(v -> isOurs(v.labels()));
        found.ifPresent(v -> session.inventory().recordVolume(uid(), v, List.of()));
        return found.map(v -> "volume " + v.id());
    }
}
