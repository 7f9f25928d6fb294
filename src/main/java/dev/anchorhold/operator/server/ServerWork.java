package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Created;
import dev.anchorhold.cloud.hetzner.NewServer;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Identity;
import dev.anchorhold.operator.Work;
import dev.anchorhold.operator.server.ServerStep.*;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** An object's server: made once, found again after any crash, behind its firewall, powered, deleted or let go of. */
public class ServerWork extends Work {
    private final PowerNotes notes;

    public ServerWork(CloudSession session, HasMetadata object, Identity identity, Events events, PowerNotes notes) {
        super(session, object, identity, events);
        this.notes = notes;
    }

    public final void carryOut(ServerStep step) {
        switch (step) {
            case AttachFirewall s -> {
                actions(session.client()
                        .applyToServer(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                tell("FirewallAttached", "AttachFirewall", "firewall %d is on the server".formatted(s.firewallId()));
            }
            case DetachFirewall s -> {
                actions(session.client()
                        .removeFromServer(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                tell("FirewallDetached", "DetachFirewall", "took firewall %d off the server".formatted(s.firewallId()));
            }
            case PowerOn s -> {
                notes.poweredOn(uid());
                actions(List.of(session.client().powerOn(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                tell("PoweredOn", "PowerOn", "powering on server %d".formatted(s.serverId()));
            }
            case Shutdown s -> {
                actions(List.of(session.client().shutdown(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                notes.asked(uid());
                tell("ShutdownAsked", "Shutdown", "asked the guest of server %d to shut down".formatted(s.serverId()));
            }
            case PowerOff s -> {
                actions(List.of(session.client().powerOff(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                tell("PoweredOff", "PowerOff", "cut the power of server %d".formatted(s.serverId()));
            }
            case DeleteServer s -> deleteServer(s.serverId());
            case DisownServer s -> disownServer(s.serverId());
            case LookAgain _ -> {
                if (notes.lookDue(uid())) {
                    session.inventory().lookAgain(uid());
                }
            }
        }
    }

    /** Asks for it, or finds it by its name and our labels. */
    protected final void create(
            String type, long imageId, String location, long firewallId, List<Long> volumeIds, String userData) {
        var wanted = new NewServer(
                identity.serverName(),
                type,
                imageId,
                location,
                List.of(session.sealedKey().id()),
                List.of(firewallId),
                volumeIds,
                userData,
                true,
                identity.labels());
        Created<Server> made = creating(
                () -> session.client().createServer(Urgency.PROVISIONING, Purpose.CREATE, wanted),
                () -> session.client()
                        .findServerByName(Urgency.PROVISIONING, Purpose.LOOKUP, identity.serverName())
                        .filter(f -> mine(f.labels(), identity.labels(), "server", f.id()))
                        .map(f -> new Created<>(f, List.of())));
        session.inventory().recordServer(uid(), made.value(), made.actions());
        tell(
                "ServerCreated",
                "CreateServer",
                "server %d, a %s in %s".formatted(made.value().id(), type, location));
    }

    /**
     * A create call failed: the next candidate may be had at once, and the key or the firewall may have been removed.
     *
     * @return whether it was for want of room, so that nothing stands in the way of the next candidate
     */
    protected final boolean soldOut(String type, String location, long firewallId, CloudException e) {
        if (e instanceof CloudException.Capacity || soldElsewhere(e)) {
            logSetback("CreateServer", e);
            session.inventory().doubtCatalogue();
            session.setbacks().failed(type + "@" + location, Market.CAPACITY, 0, e);
            warn(
                    Reasons.CAPACITY_EXHAUSTED,
                    "CreateServer",
                    "no %s in %s now: %s".formatted(type, location, e.getMessage()));
            return true;
        }
        if (e instanceof CloudException.Invalid || e instanceof CloudException.NotFound) {
            session.sealedKey().doubt();
            session.inventory().lookAtFirewall(firewallId);
        }
        return false;
    }

    /** A type that this location does not sell is as good as sold out: the next candidate is taken (F11). */
    private static boolean soldElsewhere(CloudException e) {
        return e instanceof CloudException.Invalid && e.getMessage().contains("unsupported location for server type");
    }

    /**
     * Whether nothing is left of it: by id and by label. What may never have come on record is looked for by name as well, which no
     * index of labels hides (F14).
     *
     * @param server empty when none is on record, or when it stays
     * @param otherByName what else it has in that cloud, found by name and recorded
     * @param other whether that is gone
     * @throws CloudException when it could not be looked at
     */
    protected final Departure gone(
            Optional<Long> server, boolean byName, Supplier<Optional<String>> otherByName, Supplier<Departure> other) {
        if (byName) {
            var left = serverByName();
            var otherLeft = otherByName.get();
            if (left.or(() -> otherLeft).isPresent()) {
                return new Departure.StillThere(left.or(() -> otherLeft).get());
            }
        }
        Departure servers = session.inventory().serversGone(uid(), ids(server));
        return conclusive(servers instanceof Departure.Gone ? other.get() : servers);
    }

    private Optional<String> serverByName() {
        var found = session.client()
                .findServerByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.serverName())
                .filter(s -> isOurs(s.labels()));
        found.ifPresent(s -> session.inventory().recordServer(uid(), s, List.of()));
        return found.map(s -> "server " + s.id());
    }

    protected static Set<Long> ids(Optional<Long> id) {
        return id.map(Set::of).orElse(Set.of());
    }

    /** Labels can be changed without any feed telling: what is not ours any more is not deleted (F03). */
    private void deleteServer(long id) {
        session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id)
                .filter(s -> !isOurs(s.labels()))
                .ifPresent(_ -> {
                    throw new CloudException.NotFound(new CloudException.Detail(
                            "not_ours", "server %d does not bear our labels any more".formatted(id), ""));
                });
        session.inventory()
                .recordServerDeleted(
                        uid(), id, session.client().deleteServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id));
        tell("ServerDeleted", "DeleteServer", "deleting server %d".formatted(id));
    }

    private void disownServer(long id) {
        session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(s -> session.client()
                        .relabelServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(s.labels())));
        session.inventory().recordServerDeleted(uid(), id, Optional.empty());
        tell("ServerReleased", "Disown", "server %d stays, and is no longer looked after".formatted(id));
    }
}
