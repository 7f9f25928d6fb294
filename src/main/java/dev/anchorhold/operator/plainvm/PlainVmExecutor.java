package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.Created;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.NewServer;
import dev.anchorhold.cloud.hetzner.Purpose;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.guest.PlainVmDocument;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmStep.*;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec.DeletionPolicy;
import dev.anchorhold.resource.PlainVmSpec.OperatingMode;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Carries out steps. What comes back goes straight into the inventory; what goes wrong becomes a setback, and the next
 * decision waits for it. Every step may have been carried out already by a process that died.
 */
final class PlainVmExecutor {
    private static final Logger LOG = Logger.getLogger(PlainVmExecutor.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(4);

    private final KubernetesClient kubernetes;
    private final Events events;
    private final InstantSource clock;
    private final BiPredicate<String, String> sharedFirewallWanted;
    private final Map<String, Instant> shutdownsAsked = new ConcurrentHashMap<>();
    private final Map<String, Instant> looked = new ConcurrentHashMap<>();

    /** @param sharedFirewallWanted whether any living VM of the installation wants the shared firewall of that name */
    PlainVmExecutor(
            KubernetesClient kubernetes,
            Events events,
            InstantSource clock,
            BiPredicate<String, String> sharedFirewallWanted) {
        this.kubernetes = kubernetes;
        this.events = events;
        this.clock = clock;
        this.sharedFirewallWanted = sharedFirewallWanted;
    }

    /** When the guest was last asked to shut down; forgotten when it has, or when that is over and it should run. */
    Optional<Instant> shutdownAsked(PlainVm vm, Sighting<List<Server>> servers) {
        String uid = vm.getMetadata().getUid();
        Instant asked = shutdownsAsked.get(uid);
        boolean off = servers instanceof Sighting.Seen<List<Server>>(var all, var _)
                && all.getFirst().status() == Server.Status.OFF;
        boolean over = asked != null
                && vm.getSpec().operatingMode() == OperatingMode.Running
                && asked.plus(PlainVmDecider.SHUTDOWN_GRACE).isBefore(clock.instant());
        if (off || over) {
            shutdownsAsked.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(asked);
    }

    void forget(String uid) {
        shutdownsAsked.remove(uid);
        looked.remove(uid);
    }

    /** One after another, up to the first that fails. What {@code ConfirmGone} found, if that was among them. */
    Optional<Departure> act(CloudSession session, PlainVmObservation seen, List<PlainVmStep> steps) {
        Optional<Departure> departure = Optional.empty();
        var doing = new Doing(session, seen.vm(), seen.cloud().orElseThrow());
        for (PlainVmStep step : steps) {
            try {
                LOG.debugf("%s %s: %s", doing.uid(), doing.vm.getMetadata().getName(), step);
                departure = doing.carryOut(step).or(() -> Optional.empty());
                session.setbacks().succeeded(doing.uid(), step.name());
            } catch (CloudException e) {
                doing.wentWrong(step, e);
                break;
            }
        }
        return departure;
    }

    /** The steps of one object. */
    private final class Doing {
        private final CloudSession session;
        private final PlainVm vm;
        private final Cloud cloud;

        Doing(CloudSession session, PlainVm vm, Cloud cloud) {
            this.session = session;
            this.vm = vm;
            this.cloud = cloud;
        }

        String uid() {
            return vm.getMetadata().getUid();
        }

        Optional<Departure> carryOut(PlainVmStep step) {
            switch (step) {
                case CreateFirewall s -> createFirewall(s);
                case SetRules s -> setRules(s);
                case CreateServer s -> using(s.sharedFirewall(), () -> createServer(s));
                case AttachFirewall s ->
                    using(s.sharedFirewall(), () -> {
                        actions(session.client()
                                .applyToServer(
                                        Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                        return tell(
                                "FirewallAttached",
                                "AttachFirewall",
                                "firewall %d is on the server".formatted(s.firewallId()));
                    });
                case DetachFirewall s -> {
                    actions(session.client()
                            .removeFromServer(
                                    Urgency.DELETION_OR_PERSON, Purpose.ATTACH, s.firewallId(), s.serverId()));
                    tell(
                            "FirewallDetached",
                            "DetachFirewall",
                            "took firewall %d off the server".formatted(s.firewallId()));
                }
                case PowerOn s -> {
                    shutdownsAsked.remove(uid());
                    actions(List.of(session.client().powerOn(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    tell("PoweredOn", "PowerOn", "powering on server %d".formatted(s.serverId()));
                }
                case Shutdown s -> {
                    actions(List.of(
                            session.client().shutdown(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    shutdownsAsked.put(uid(), clock.instant());
                    tell(
                            "ShutdownAsked",
                            "Shutdown",
                            "asked the guest of server %d to shut down".formatted(s.serverId()));
                }
                case PowerOff s -> {
                    actions(List.of(
                            session.client().powerOff(Urgency.DELETION_OR_PERSON, Purpose.POWER, s.serverId())));
                    tell("PoweredOff", "PowerOff", "cut the power of server %d".formatted(s.serverId()));
                }
                case DeleteServer s -> {
                    demandOurs(s.serverId());
                    session.inventory()
                            .recordServerDeleted(
                                    uid(),
                                    s.serverId(),
                                    session.client()
                                            .deleteServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.serverId()));
                    tell("ServerDeleted", "DeleteServer", "deleting server %d".formatted(s.serverId()));
                }
                case DeleteFirewall s -> deleteFirewall(s);
                case DisownServer s -> disownServer(s.serverId());
                case DisownFirewall s -> disownFirewall(s.firewallId());
                case LookAgain s -> lookAgain(s.serverId());
                case ConfirmGone _ -> {
                    return Optional.of(confirmGone());
                }
            }
            return Optional.empty();
        }

        /** Labels can be changed without any feed telling: what is not ours any more is not deleted (F03). */
        private void demandOurs(long serverId) {
            session.client()
                    .getServer(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, serverId)
                    .filter(s -> !Ownership.isOf(s.labels(), session.installation(), uid()))
                    .ifPresent(_ -> {
                        throw new CloudException.NotFound(new CloudException.Detail(
                                "not_ours", "server %d does not bear our labels any more".formatted(serverId), ""));
                    });
        }

        private void createFirewall(CreateFirewall s) {
            exclusively(s.shared() ? s.firewall() : "", () -> {
                if (s.shared() && session.inventory().firewallNamed(s.firewall()) instanceof Sighting.Seen) {
                    return; // another VM of the account was quicker
                }
                Created<Firewall> made = creating(
                        () -> session.client()
                                .createFirewall(
                                        Urgency.PROVISIONING, Purpose.CREATE, s.firewall(), s.labels(), s.rules()),
                        () -> session.client()
                                .findFirewallByName(Urgency.PROVISIONING, Purpose.LOOKUP, s.firewall())
                                .filter(f -> mine(f.labels(), s.labels(), "firewall", f.id()))
                                .map(f -> new Created<>(f, List.of())));
                session.inventory().recordFirewall(uid(), made.value(), made.actions());
            });
        }

        /** A shared firewall's rules are set by one of its VMs; its action is told under the firewall's name, for all to see. */
        private void setRules(SetRules s) {
            boolean shared = !s.sharedFirewall().isEmpty();
            exclusively(s.sharedFirewall(), () -> {
                String whose = shared ? s.sharedFirewall() : uid();
                if (shared && session.inventory().pending(whose).stream().anyMatch(a -> !a.failed())) {
                    return;
                }
                session.inventory()
                        .recordActions(
                                whose,
                                session.client()
                                        .setRules(
                                                Urgency.DELETION_OR_PERSON, Purpose.RULES, s.firewallId(), s.rules()));
                tell(
                        "FirewallChanged",
                        "SetRules",
                        "firewall %d has the rules of the spec again".formatted(s.firewallId()));
            });
        }

        private Void createServer(CreateServer s) {
            if (!s.sharedFirewall().isEmpty()
                    && !(session.inventory().firewallNamed(s.sharedFirewall()) instanceof Sighting.Seen)) {
                return null; // deleted a moment ago, since nobody wanted it then: decide again
            }
            var identity = cloud.identity();
            Created<Server> made = creating(
                    () -> session.client().createServer(Urgency.PROVISIONING, Purpose.CREATE, wanted(s)),
                    () -> session.client()
                            .findServerByName(Urgency.PROVISIONING, Purpose.LOOKUP, identity.serverName())
                            .filter(f -> mine(f.labels(), identity.labels(), "server", f.id()))
                            .map(f -> new Created<>(f, List.of())));
            session.inventory().recordServer(uid(), made.value(), made.actions());
            return tell(
                    "ServerCreated",
                    "CreateServer",
                    "server %d, a %s in %s".formatted(made.value().id(), s.type(), s.location()));
        }

        private NewServer wanted(CreateServer s) {
            var spec = vm.getSpec();
            Optional<String> password = Optional.empty();
            if (spec.oneTimePassword()) {
                password = Optional.of(passwordHash()
                        .orElseThrow(() -> refused("a Secret '" + PasswordSecret.name(vm)
                                + "' is there already and is not this PlainVm's; remove or rename it")));
            }
            String document = PlainVmDocument.render(vm.getMetadata().getName(), cloud.keys(), password);
            return new NewServer(
                    cloud.identity().serverName(),
                    s.type(),
                    s.imageId(),
                    s.location(),
                    List.of(session.sealedKey().id()),
                    List.of(s.firewallId()),
                    List.of(),
                    document,
                    true,
                    cloud.identity().labels());
        }

        private Optional<String> passwordHash() {
            try {
                return PasswordSecret.hash(kubernetes, vm);
            } catch (KubernetesClientException e) {
                throw new CloudException.Transient(
                        new CloudException.Detail(
                                "secret_refused",
                                "the API server refuses Secret '%s': %s"
                                        .formatted(
                                                PasswordSecret.name(vm),
                                                e.getStatus() == null
                                                        ? "no answer"
                                                        : e.getStatus().getMessage()),
                                ""),
                        e);
            }
        }

        private void deleteFirewall(DeleteFirewall s) {
            exclusively(s.shared(), () -> {
                if (!s.shared().isEmpty() && !mayGo(s.shared())) {
                    return;
                }
                session.inventory().firewalls().stream()
                        .filter(f -> f.id() == s.firewallId())
                        .flatMap(f -> f.selectors().stream())
                        .forEach(selector -> session.client()
                                .removeFromSelector(
                                        Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.firewallId(), selector));
                session.client().deleteFirewall(Urgency.DELETION_OR_PERSON, Purpose.DELETE, s.firewallId());
                session.inventory().recordFirewallDeleted(uid(), s.firewallId());
            });
        }

        /** Still there, still unwanted, and nobody else has just failed to delete it. */
        private boolean mayGo(String shared) {
            return session.inventory().firewallNamed(shared) instanceof Sighting.Seen
                    && !sharedFirewallWanted.test(session.installation(), shared)
                    && session.setbacks()
                            .of(shared, PlainVmObserver.DELETE_FIREWALL, 0)
                            .isEmpty();
        }

        private void exclusively(String sharedFirewall, Runnable call) {
            if (sharedFirewall.isEmpty()) {
                call.run();
                return;
            }
            var lock = session.sharedFirewalls().apply(sharedFirewall).writeLock();
            lock.lock();
            try {
                call.run();
            } finally {
                lock.unlock();
            }
        }

        private void disownServer(long id) {
            session.client()
                    .getServer(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                    .ifPresent(s -> session.client()
                            .relabelServer(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(s.labels())));
            session.inventory().recordServerDeleted(uid(), id, Optional.empty());
            tell("ServerReleased", "Disown", "server %d stays, and is no longer looked after".formatted(id));
        }

        private void disownFirewall(long id) {
            session.client()
                    .getFirewall(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, id)
                    .ifPresent(f -> session.client()
                            .relabelFirewall(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id, withoutOurs(f.labels())));
            session.inventory().recordFirewallDeleted(uid(), id);
        }

        private void lookAgain(long id) {
            Instant now = clock.instant();
            Instant last = looked.get(uid());
            if (last == null || last.plus(BETWEEN_LOOKS).isBefore(now)) {
                looked.put(uid(), now);
                session.inventory().lookAgain(uid());
            }
        }

        private Departure confirmGone() {
            var found = lookForAnythingLeft();
            if (found instanceof Departure.Unknown(var why)) {
                throw why; // and look again after a while
            }
            return found;
        }

        private Departure lookForAnythingLeft() {
            var status = Optional.ofNullable(vm.getStatus());
            boolean orphan = vm.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
            if (!orphan && status.map(s -> s.serverId()).isEmpty()) {
                var nameless = byName();
                if (nameless.isPresent()) {
                    return nameless.get();
                }
            }
            Departure servers = session.inventory()
                    .serversGone(
                            uid(),
                            orphan
                                    ? Set.of()
                                    : status.map(s -> s.serverId()).map(Set::of).orElse(Set.of()));
            return servers instanceof Departure.Gone
                    ? session.inventory()
                            .firewallsGone(
                                    uid(),
                                    orphan || cloud.wanted().shared()
                                            ? Set.of()
                                            : status.map(s -> s.firewallId())
                                                    .map(Set::of)
                                                    .orElse(Set.of()))
                    : servers;
        }

        /** A create whose id never came on record is found by its name, which no index of labels hides (F14). */
        private Optional<Departure> byName() {
            var identity = cloud.identity();
            var server = session.client()
                    .findServerByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.serverName())
                    .filter(s -> Ownership.isOf(s.labels(), session.installation(), uid()));
            server.ifPresent(s -> session.inventory().recordServer(uid(), s, List.of()));
            var firewall = session.client()
                    .findFirewallByName(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, identity.firewallName())
                    .filter(f -> Ownership.isOf(f.labels(), session.installation(), uid()));
            firewall.ifPresent(f -> session.inventory().recordFirewall(uid(), f, List.of()));
            return server.map(s -> "server " + s.id())
                    .or(() -> firewall.map(f -> "firewall " + f.id()))
                    .map(Departure.StillThere::new);
        }

        /** Makes it, or finds that it was made: by a process that died, or by a call whose answer was lost (F01, F02, F09). */
        private <T> T creating(Supplier<T> make, Supplier<Optional<T>> find) {
            try {
                return make.get();
            } catch (CloudException.NameTaken taken) {
                return find.get().orElseThrow(() -> taken);
            } catch (CloudException.UnknownOutcome lost) {
                session.inventory().recordLostAnswer(uid());
                return find.get().orElseThrow(() -> lost);
            }
        }

        private boolean mine(Map<String, String> labels, Map<String, String> wanted, String what, long id) {
            if (labels.entrySet().containsAll(wanted.entrySet())) {
                return true;
            }
            throw new CloudException.NameTaken(
                    new CloudException.Detail(
                            "uniqueness_error",
                            "%s %d in the project has the name '%s' and is not ours; rename it there"
                                    .formatted(what, id, cloud.identity().serverName()),
                            ""),
                    List.of("name"));
        }

        void wentWrong(PlainVmStep step, CloudException e) {
            LOG.infof(
                    "%s/%s %s: %s (%s) %s",
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    step.name(),
                    e.code(),
                    e.correlationId(),
                    e.getMessage());
            session.heed(e);
            if (step instanceof CreateServer s && (e instanceof CloudException.Capacity || soldElsewhere(e))) {
                session.inventory().doubtCatalogue();
                session.setbacks().failed(s.type() + "@" + s.location(), "capacity", 0, e);
                warn(
                        Reasons.CAPACITY_EXHAUSTED,
                        "CreateServer",
                        "no %s in %s now: %s".formatted(s.type(), s.location(), e.getMessage()));
                return; // the next candidate may be had at once
            }
            if (step instanceof CreateServer s
                    && (e instanceof CloudException.Invalid || e instanceof CloudException.NotFound)) {
                session.sealedKey().doubt(); // it, or the firewall, may have been removed
                session.inventory().lookAtFirewall(s.firewallId());
            }
            if (step instanceof AttachFirewall s && e instanceof CloudException.NotFound) {
                session.inventory().lookAtFirewall(s.firewallId());
            }
            if (step instanceof DeleteFirewall s && !s.shared().isEmpty()) {
                session.inventory().lookAtFirewall(s.firewallId());
                session.setbacks().failed(s.shared(), PlainVmObserver.DELETE_FIREWALL, 0, e);
                return; // it stands in nobody's way
            }
            if (e instanceof CloudException.UnknownOutcome) {
                session.inventory().recordLostAnswer(uid());
            }
            if (e instanceof CloudException.InUse && step instanceof DeleteFirewall f) {
                session.inventory().lookAtFirewall(f.firewallId());
            }
            if (e instanceof CloudException.NotFound) {
                session.inventory().lookAgain(uid());
            }
            long generation = vm.getMetadata().getGeneration();
            boolean first = session.setbacks().last(uid(), step.name()).isEmpty();
            session.setbacks().failed(uid(), step.name(), generation, e);
            if (first
                    && (e instanceof CloudException.Quota
                            || e instanceof CloudException.NameTaken
                            || e instanceof CloudException.Invalid)) {
                warn(
                        new dev.anchorhold.operator.Setbacks.Setback(e, generation, clock.instant(), 1).reason(),
                        step.name(),
                        e.getMessage());
            }
        }

        /** A type that this location does not sell is as good as sold out: the next candidate is taken (F11). */
        private static boolean soldElsewhere(CloudException e) {
            return e instanceof CloudException.Invalid
                    && e.getMessage().contains("unsupported location for server type");
        }

        private CloudException refused(String message) {
            return new CloudException.NameTaken(
                    new CloudException.Detail("secret_exists", message, ""), List.of("oneTimePassword"));
        }

        private void actions(List<dev.anchorhold.cloud.hetzner.Action> actions) {
            session.inventory().recordActions(uid(), actions);
        }

        private <T> void using(String sharedFirewall, Supplier<T> call) {
            if (sharedFirewall.isEmpty()) {
                call.get();
                return;
            }
            var lock = session.sharedFirewalls().apply(sharedFirewall).readLock();
            lock.lock();
            try {
                call.get();
            } finally {
                lock.unlock();
            }
        }

        private Void tell(String reason, String action, String note) {
            events.normal(vm, reason, action, note);
            return null;
        }

        private void warn(String reason, String action, String note) {
            events.warning(vm, reason, action, note);
        }
    }

    private static Map<String, String> withoutOurs(Map<String, String> labels) {
        Set<String> ours = Set.of(Ownership.INSTALLATION, Ownership.KIND, Ownership.UID);
        return labels.entrySet().stream()
                .filter(l -> !ours.contains(l.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
