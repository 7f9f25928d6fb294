package dev.anchorhold.operator.plainvm;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.FirewallRule;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.guest.PlainVmUserData;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.adoption.AdoptionObserver;
import dev.anchorhold.operator.adoption.Predecessors;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.AccountAdmission;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.DeletionTargets;
import dev.anchorhold.operator.plainvm.PlainVmObservation.Cloud;
import dev.anchorhold.operator.plainvm.PlainVmObservation.WantedFirewall;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.operator.server.ShutdownTracker;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.DeletionPolicy;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmSpec;
import dev.anchorhold.resource.PlainVmSpec.InboundRule;
import dev.anchorhold.resource.PlainVmSpec.OperatingMode;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Builds the {@link PlainVmObservation} of one PlainVm from the informer caches and the inventory. Makes no call. */
final class PlainVmObserver {
    /** The key of a failure to delete a shared firewall, beside the firewall's name. */
    private static final String KIND = "PlainVm";

    static final String DELETE_FIREWALL = "DeleteFirewall";

    private static final int MAX_RULE_SETS = 100;

    /** By what the spec says: reading addresses is a sixth of an idle reconcile, and many VMs have the same rules. Few are kept, since a tenant may write long ones. */
    private final Map<List<InboundRule>, RuleSet> ruleSets = new ConcurrentHashMap<>();

    private final Fleet fleet;
    private final CloudSessions sessions;
    private final JournalSink journalSink;
    private final ShutdownTracker shutdowns;
    private final AdoptionObserver adoptions;
    private final InstantSource clock;

    PlainVmObserver(
            Fleet fleet,
            CloudSessions sessions,
            JournalSink journalSink,
            ShutdownTracker shutdowns,
            Predecessors predecessors,
            InstantSource clock) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.journalSink = journalSink;
        this.shutdowns = shutdowns;
        this.adoptions = new AdoptionObserver(fleet, journalSink, predecessors);
        this.clock = clock;
    }

    PlainVmObservation observe(PlainVm vm, Optional<DeletionCheck> deletionCheck) {
        var admission = admission(vm);
        boolean destroyed =
                vm.getStatus() != null && new StatusJournal(vm.getStatus().journal()).destroyed();
        Optional<AdmissionRefusal> closed = closedTo(vm, admission);
        Optional<Cloud> cloud = admission
                .session()
                .filter(_ -> !destroyed) // then no cloud is read
                .filter(_ -> closed.isEmpty() || stands(vm)) // until it is admitted, no cloud is on its record
                .flatMap(s -> admission.provider().map(p -> cloud(vm, admission.account(), p, s)));
        return new PlainVmObservation(
                vm,
                clock.instant(),
                admission.refusal().or(() -> closed).or(() -> refusal(vm, admission, cloud)),
                cloud,
                cloud.flatMap(c -> AdoptionObserver.pending(vm, onRecord(vm))
                        .map(from -> adoption(vm, c, admission.session().orElseThrow(), from))),
                journalSink.deliveryStatus(vm.getMetadata().getUid()),
                deletionCheck);
    }

    static Adoption onRecord(PlainVm vm) {
        return vm.getStatus() == null ? null : vm.getStatus().adoption();
    }

    private AdoptionObservation<PlainVmStep> adoption(PlainVm vm, Cloud cloud, HetznerSession session, String from) {
        var spec = vm.getSpec();
        String uid = vm.getMetadata().getUid();
        return adoptions.observe(
                vm,
                from,
                onRecord(vm),
                new AdoptionObservation.Wanted(
                        KIND, spec.account(), spec.region().key(), spec.size()),
                List.of(
                        AdoptionObserver.own("server", cloud.servers(), Server::id),
                        AdoptionObserver.own("firewall", session.inventory().firewalls(uid, Set.of()), Firewall::id)),
                List.of(
                        AdoptionObserver.servers(session, KIND, from, PlainVmStep.OnAdoption::new),
                        AdoptionObserver.firewalls(session, KIND, from, PlainVmStep.OnAdoption::new)),
                List.of());
    }

    /** Why its account does not take it, if it is new to it. */
    private static Optional<AdmissionRefusal> closedTo(PlainVm vm, AccountAdmission admission) {
        boolean known = stands(vm)
                && new StatusJournal(vm.getStatus().journal())
                        .account()
                        .filter(owner -> !owner.equals(vm.getSpec().account()))
                        .isEmpty();
        return known
                        || vm.getMetadata().getDeletionTimestamp() != null
                        || admission.account().isEmpty()
                ? Optional.empty()
                : admission.checkOpenTo(vm.getMetadata().getNamespace());
    }

    /** It was admitted: where it stands, or is going to, is on record. */
    private static boolean stands(PlainVm vm) {
        return vm.getStatus() != null && vm.getStatus().providerConfig() != null;
    }

    private AccountAdmission admission(PlainVm vm) {
        return AccountAdmission.of(
                fleet,
                sessions,
                vm.getSpec().account(),
                Optional.ofNullable(vm.getStatus())
                        .map(PlainVmStatus::providerConfig)
                        .orElse(null));
    }

    /** The cloud in which the VM stands, or is going to. */
    Optional<HetznerSession> session(PlainVm vm) {
        return admission(vm).session();
    }

    private Optional<AdmissionRefusal> refusal(PlainVm vm, AccountAdmission admission, Optional<Cloud> cloud) {
        return admission
                .refusal()
                .or(() -> cloud.filter(c -> !exists(vm, c)).flatMap(c -> cannotBeMade(vm, admission, c)));
    }

    private static boolean exists(PlainVm vm, Cloud cloud) {
        return !(cloud.servers() instanceof Sighting.Absent)
                || vm.getMetadata().getDeletionTimestamp() != null
                || AdoptionObserver.pending(vm, onRecord(vm)).isPresent(); // the predecessor's stands
    }

    /** What matters only as long as there is no server. */
    private Optional<AdmissionRefusal> cannotBeMade(PlainVm vm, AccountAdmission admission, Cloud cloud) {
        var spec = vm.getSpec();
        var account = admission.account().orElseThrow();
        Integer quota = account.getSpec().quotas() == null
                ? null
                : account.getSpec().quotas().plainVms();
        return admission
                .checkQuota(quota, it -> fleet.hasRoom(vm, it), "PlainVms", "plainVms")
                .or(() -> admission.checkSize(spec.size(), spec.region()))
                .or(() -> keys(vm, account, cloud));
    }

    private static Optional<AdmissionRefusal> keys(PlainVm vm, Account account, Cloud cloud) {
        var spec = vm.getSpec();
        var keys = AuthorizedKeys.of(spec, account);
        var complaint = keys.complaint();
        if (complaint.isPresent()) {
            return AdmissionRefusal.of(
                    SSH_KEY_UNKNOWN,
                    "spec.sshKeys: %s; Account '%s' has the keys: %s",
                    complaint.get(),
                    spec.account(),
                    String.join(", ", keys.known().keySet()));
        }
        if (!PlainVmUserData.fits(vm.getMetadata().getName(), cloud.keys())) {
            return AdmissionRefusal.of(
                    REQUEST_REFUSED,
                    "spec.sshKeys: together the keys are too long for the cloud's 32 KiB of user data; give fewer or"
                            + " shorter ones");
        }
        return Optional.empty();
    }

    private Cloud cloud(PlainVm vm, Optional<Account> account, ProviderConfig provider, HetznerSession session) {
        String uid = vm.getMetadata().getUid();
        var identity = new CloudIdentity(
                session.installation(), KIND, uid, vm.getMetadata().getName());
        var wanted = wanted(vm, identity, provider);
        var status = Optional.ofNullable(vm.getStatus());
        Set<Long> knownServers = beingReleased(vm)
                ? Set.of()
                : status.map(PlainVmStatus::serverId).map(Set::of).orElse(Set.of());
        var servers = vm.getMetadata().getDeletionTimestamp() == null
                ? session.inventory().servers(uid, knownServers)
                : leaving(vm, session, identity, knownServers);
        Sighting<List<Firewall>> own = session.inventory().firewalls(uid, Set.of());
        Sighting<Firewall> firewall = wanted.shared() ? session.inventory().firewallNamed(wanted.name()) : first(own);
        return new Cloud(
                provider.getMetadata().getName(),
                session.sealedKey().confirmedId(),
                identity,
                wanted,
                new ServerObservation(
                        clock.instant(),
                        servers,
                        actions(session, uid, wanted),
                        session.inventory().lastSuccess(uid),
                        session.backoff().blockingAll(uid, vm.getMetadata().getGeneration()),
                        shutdowns.shutdownRequestedAt(
                                uid, vm.getSpec().operatingMode() == OperatingMode.Running, servers)),
                firewall,
                leftovers(vm, session, own, firewall),
                servers instanceof Sighting.Absent ? candidates(vm.getSpec(), provider, session) : Optional.empty(),
                account.map(a -> AuthorizedKeys.of(vm.getSpec(), a).lines()).orElse(List.of()));
    }

    private static Sighting<List<Server>> leaving(
            PlainVm vm, HetznerSession session, CloudIdentity identity, Set<Long> known) {
        var inventory = session.inventory();
        var servers = inventory.servers(identity.uid(), inventory.withoutOthersServers(identity.uid(), known));
        return beingReleased(vm)
                ? servers
                : DeletionTargets.of(servers, "server", known, identity.serverName(), Server::id, Server::name);
    }

    /** The VM's own, and those of the firewall that it shares. */
    private static List<Action> actions(HetznerSession session, String uid, WantedFirewall wanted) {
        List<Action> all = new ArrayList<>(session.inventory().unfinishedActions(uid));
        if (wanted.shared()) {
            all.addAll(session.inventory().unfinishedActions(wanted.name()));
        }
        return all;
    }

    /** A server that has lost our labels is then released already, not unknown. */
    private static boolean beingReleased(PlainVm vm) {
        return vm.getMetadata().getDeletionTimestamp() != null
                && vm.getSpec().deletionPolicy() == DeletionPolicy.Orphan;
    }

    private RuleSet rules(PlainVm vm) {
        var inbound = vm.getSpec().firewall().inbound();
        var known = ruleSets.get(inbound);
        if (known != null) return known;
        if (ruleSets.size() >= MAX_RULE_SETS) ruleSets.clear();
        var rules = RuleSet.of(inbound.stream()
                .map(r -> FirewallRule.inbound(r.protocol().name(), r.port(), r.sourcesOrAnywhere(), r.description()))
                .toList());
        ruleSets.put(List.copyOf(inbound), rules);
        return rules;
    }

    private WantedFirewall wanted(PlainVm vm, CloudIdentity identity, ProviderConfig provider) {
        var rules = rules(vm);
        if (provider.getSpec().firewalls() == ProviderConfigSpec.Firewalls.PerVm) {
            return new WantedFirewall(identity.firewallName(), identity.labels(), rules, false);
        }
        String account = vm.getSpec().account();
        return new WantedFirewall(
                SharedFirewalls.name(identity.installation(), account, rules),
                SharedFirewalls.labels(identity.installation(), account),
                rules,
                true);
    }

    /** The name of the shared firewall that the VM wants, where firewalls are shared, as long as it lives. */
    Optional<String> sharedFirewall(PlainVm vm) {
        return vm.getMetadata().getDeletionTimestamp() == null
                ? Optional.of(SharedFirewalls.name(
                        sessions.installation(), vm.getSpec().account(), rules(vm)))
                : Optional.empty();
    }

    /** The VM's own firewalls that are not the wanted one, and shared ones that no VM wants and no server has. */
    private List<Firewall> leftovers(
            PlainVm vm, HetznerSession session, Sighting<List<Firewall>> own, Sighting<Firewall> firewall) {
        Optional<Long> kept =
                firewall instanceof Sighting.Seen<Firewall>(var it, var _) ? Optional.of(it.id()) : Optional.empty();
        List<Firewall> leftovers = new ArrayList<>();
        if (own instanceof Sighting.Seen<List<Firewall>>(var all, var _)) {
            all.stream().filter(f -> kept.isEmpty() || f.id() != kept.get()).forEach(leftovers::add);
        }
        session.inventory().firewallsOfNobody().stream()
                .filter(f -> SharedFirewalls.KIND.equals(f.labels().get(dev.anchorhold.cloud.Ownership.KIND)))
                .filter(f -> !session.inventory().isOnAServer(f))
                .filter(f -> !isSharedFirewallWanted(f.name()))
                .filter(f ->
                        session.backoff().blocking(f.name(), DELETE_FIREWALL, 0).isEmpty())
                .forEach(leftovers::add);
        return leftovers;
    }

    /** Whether any living VM wants the shared firewall of that name; all who do are of one account. */
    boolean isSharedFirewallWanted(String name) {
        return fleet.anyPlainVmWanting(name)
                .flatMap(vm -> fleet.account(vm.getSpec().account()))
                .flatMap(a -> fleet.provider(a.getSpec().providerConfigRef().name()))
                .filter(p -> p.getSpec().firewalls() != ProviderConfigSpec.Firewalls.PerVm)
                .isPresent();
    }

    private static Sighting<Firewall> first(Sighting<List<Firewall>> all) {
        return switch (all) {
            case Sighting.Seen<List<Firewall>>(var some, var asOf) -> new Sighting.Seen<>(some.getFirst(), asOf);
            case Sighting.Absent<List<Firewall>>(var asOf) -> new Sighting.Absent<>(asOf);
            case Sighting.Unknown<List<Firewall>>(var reason, var since) -> new Sighting.Unknown<>(reason, since);
        };
    }

    private static Optional<ServerTypeCandidates> candidates(
            PlainVmSpec spec, ProviderConfig provider, HetznerSession session) {
        return ServerTypeCandidates.of(
                provider.getSpec()
                        .size(spec.size())
                        .map(s -> s.candidates(spec.region()))
                        .orElse(List.of()),
                provider.getSpec().regions().location(spec.region()),
                List.of(spec.image()),
                session);
    }
}
