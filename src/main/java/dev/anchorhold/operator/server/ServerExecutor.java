package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.CreateResult;
import dev.anchorhold.cloud.hetzner.CreateServerRequest;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.server.ServerStep.*;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Executes the steps on an object's server: create (or find again after a crash), attach its firewall, power, delete,
 * disown.
 */
public class ServerExecutor extends StepExecutor {
    private final ShutdownTracker shutdowns;

    public ServerExecutor(
            HetznerSession session,
            HasMetadata object,
            CloudIdentity identity,
            EventRecorder eventRecorder,
            ShutdownTracker shutdowns) {
        super(session, object, identity, eventRecorder);
        this.shutdowns = shutdowns;
    }

    public final void execute(ServerStep step) {
        switch (step) {
            case AttachFirewall s -> {
                recordActions(session.client()
                        .applyToServer(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                emitEvent(
                        "FirewallAttached", "AttachFirewall", "firewall %d is on the server".formatted(s.firewallId()));
            }
            case DetachFirewall s -> {
                recordActions(session.client()
                        .removeFromServer(Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                emitEvent(
                        "FirewallDetached",
                        "DetachFirewall",
                        "took firewall %d off the server".formatted(s.firewallId()));
            }
            case PowerOn s -> {
                shutdowns.poweredOn(uid());
                recordActions(
                        List.of(session.client().powerOn(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                emitEvent("PoweredOn", "PowerOn", "powering on server %d".formatted(s.serverId()));
            }
            case Shutdown s -> {
                recordActions(
                        List.of(session.client().shutdown(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                shutdowns.shutdownRequested(uid());
                emitEvent(
                        "ShutdownAsked",
                        "Shutdown",
                        "asked the guest of server %d to shut down".formatted(s.serverId()));
            }
            case PowerOff s -> {
                recordActions(
                        List.of(session.client().powerOff(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                emitEvent("PoweredOff", "PowerOff", "cut the power of server %d".formatted(s.serverId()));
            }
            case DeleteServer s -> deleteServer(s.serverId());
            case DisownServer s -> disownServer(s.serverId());
            case RereadServer _ -> {
                if (shutdowns.rereadDue(uid())) {
                    session.inventory().requestReread(uid());
                }
            }
        }
    }

    /**
     * Asks for it, or finds it by its name and our labels. After a want of room one object alone asks: whoever else would is
     * told so by its next decision.
     *
     * @return whether it asked
     */
    protected final boolean create(
            String type, long imageId, String location, long firewallId, List<Long> volumeIds, String userData) {
        if (!session.backoff().claim(type + "@" + location, ServerTypeCandidates.CAPACITY_CHECK)) {
            return false;
        }
        var wanted = new CreateServerRequest(
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
        CreateResult<Server> made = createOrAdopt(
                () -> session.client().createServer(Urgency.PROVISIONING, Purpose.CREATE, wanted),
                () -> session.client()
                        .findServerByName(Urgency.PROVISIONING, Purpose.LOOKUP, identity.serverName())
                        .filter(f -> requireOwned(f.labels(), identity.labels(), "server", f.id()))
                        .map(f -> new CreateResult<>(f, List.of())));
        session.inventory().recordServer(uid(), made.value(), made.actions());
        session.backoff().recordSuccess(type + "@" + location, ServerTypeCandidates.CAPACITY_CHECK);
        emitEvent(
                "ServerCreated",
                "CreateServer",
                "server %d, a %s in %s".formatted(made.value().id(), type, location));
        return true;
    }

    /**
     * A create call failed: the next candidate may be had at once, and the key or the firewall may have been removed.
     *
     * @return whether it was for want of room, so that nothing stands in the way of the next candidate
     */
    protected final boolean capacityExhausted(String type, String location, long firewallId, CloudException e) {
        if (e instanceof CloudException.Capacity || soldElsewhere(e)) {
            logFailure("CreateServer", e);
            session.inventory().invalidateCatalogue();
            session.backoff().recordFailure(type + "@" + location, ServerTypeCandidates.CAPACITY_CHECK, 0, e);
            emitWarning(
                    Reasons.CAPACITY_EXHAUSTED,
                    "CreateServer",
                    "no %s in %s now: %s".formatted(type, location, e.getMessage()));
            return true;
        }
        if (e instanceof CloudException.Invalid || e instanceof CloudException.NotFound) {
            session.sealedKey().invalidate();
            session.inventory().requestFirewallReread(firewallId);
        }
        return false;
    }

    /** A type that this location does not sell is as good as sold out: the next candidate is taken (F11). */
    private static boolean soldElsewhere(CloudException e) {
        return e instanceof CloudException.Invalid && e.getMessage().contains("unsupported location for server type");
    }

    /**
     * Whether nothing is left of it: by id and by label. What may never have been recorded is searched by name as well,
     * which no index of labels hides (F14).
     *
     * @param server empty when none is on record, or when it stays
     * @param otherByName what else it has in that cloud, found by name and recorded
     * @param confirmOther whether that is gone
     * @throws CloudException when it could not be read
     */
    protected final DeletionCheck confirmGone(
            Optional<Long> server,
            boolean byName,
            Supplier<Optional<String>> otherByName,
            Supplier<DeletionCheck> confirmOther) {
        if (byName) {
            var remaining = serverByName();
            var otherRemaining = otherByName.get();
            if (remaining.or(() -> otherRemaining).isPresent()) {
                return new DeletionCheck.StillThere(
                        remaining.or(() -> otherRemaining).get());
            }
        }
        DeletionCheck servers = session.inventory().confirmServersGone(uid(), ids(server));
        return conclusive(servers instanceof DeletionCheck.Gone ? confirmOther.get() : servers);
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
        emitEvent("ServerDeleted", "DeleteServer", "deleting server %d".formatted(id));
    }

    private void disownServer(long id) {
        session.client()
                .getServer(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                .ifPresent(s -> session.client()
                        .relabelServer(
                                Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, Ownership.abandoned(s.labels())));
        session.inventory().recordServerDeleted(uid(), id, Optional.empty());
        emitEvent("ServerReleased", "Disown", "server %d stays, and is no longer looked after".formatted(id));
    }
}
