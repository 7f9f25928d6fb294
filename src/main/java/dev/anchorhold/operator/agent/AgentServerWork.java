package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.NewServer;
import dev.anchorhold.guest.AgentDocument;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.agent.AgentStep.CreateServer;
import dev.anchorhold.operator.server.PowerNotes;
import dev.anchorhold.operator.server.ServerWork;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.DeletionPolicy;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is an Agent's own about its server: what it is made with, and that nothing is left in that cloud when it goes. */
final class AgentServerWork extends ServerWork {
    private final Agent agent;
    private final AgentNotes notes;

    AgentServerWork(CloudSession session, Agent agent, Events events, PowerNotes power, AgentNotes notes) {
        super(session, agent, AgentObserver.identity(agent, session), events, power);
        this.agent = agent;
        this.notes = notes;
    }

    /** Without a deposit that waits there is nothing to make it with: decide again. */
    void create(CreateServer s, URI door) {
        var settings = agent.getStatus().settings();
        var waiting = notes.waiting(uid(), settings);
        if (waiting.isEmpty()) {
            return;
        }
        create(new NewServer(
                identity.serverName(),
                s.type(),
                s.imageId(),
                s.location(),
                List.of(session.sealedKey().id()),
                List.of(s.firewallId()),
                List.of(s.volumeId()),
                AgentDocument.render(new AgentDocument.Boot(
                        identity.serverName(),
                        uid(),
                        door,
                        waiting.get().token(),
                        waiting.get().program())),
                true,
                identity.labels()));
        notes.used(uid());
    }

    boolean soldOut(CreateServer s, CloudException e) {
        return soldOut(s.type(), s.location(), s.firewallId(), e);
    }

    /** By id and by label; what never came on record is looked for by its name, which no index of labels hides (F14). */
    Departure gone() {
        var status = Optional.ofNullable(agent.getStatus());
        boolean orphan = agent.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
        Optional<Long> server = status.map(s -> s.serverId()).filter(_ -> !orphan);
        Optional<Long> volume = status.map(s -> s.volumeId()).filter(_ -> !orphan);
        if (!orphan && (server.isEmpty() || volume.isEmpty())) {
            var nameless = byName();
            if (nameless.isPresent()) {
                return nameless.get();
            }
        }
        Departure servers =
                session.inventory().serversGone(uid(), server.map(Set::of).orElse(Set.of()));
        return servers instanceof Departure.Gone
                ? session.inventory().volumesGone(uid(), volume.map(Set::of).orElse(Set.of()))
                : servers;
    }

    private Optional<Departure> byName() {
        var server = session.client()
                .findServerByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.serverName())
                .filter(s -> Ownership.isOf(s.labels(), session.installation(), uid()));
        server.ifPresent(s -> session.inventory().recordServer(uid(), s, List.of()));
        var volume = session.client()
                .volumes()
                .findByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.volumeName())
                .filter(v -> Ownership.isOf(v.labels(), session.installation(), uid()));
        volume.ifPresent(v -> session.inventory().recordVolume(uid(), v, List.of()));
        return server.map(s -> "server " + s.id())
                .or(() -> volume.map(v -> "volume " + v.id()))
                .map(Departure.StillThere::new);
    }
}
