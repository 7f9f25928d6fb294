package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Inventory;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.InventoryStore;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.UnknownOutcomes;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Cached view of one installation's servers, firewalls and volumes in one Hetzner project. Reading it costs no call and
 * never blocks; a background loop keeps it current. One per ProviderConfig. What our own writes answered is recorded in
 * it at once, so that nobody reads what is known.
 */
public final class HetznerInventory extends Inventory {
    private final PendingActions pending = new PendingActions();
    private final FeedInformer<Server> servers;
    private final FeedInformer<Firewall> firewalls;
    private final FeedInformer<Volume> volumes;
    private final ActionTracker actionTracker;
    private final Freshness freshness;
    private final CatalogueCache catalogue;
    private final UnknownOutcomes lost;
    private final InventoryStore<Long, Firewall>.Index firewallsByName;
    private final InventoryStore<Long, Volume>.Index volumesByServer;

    /** @param provider the ProviderConfig's name, a label of the metrics */
    public HetznerInventory(
            HetznerClient client,
            String installation,
            String provider,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry meters) {
        super(new InventoryContext(installation, settings, clock), "hetzner", provider, meters);
        var kinds = new HetznerInformers(client, context, pending);
        this.servers = kinds.servers();
        this.firewalls = kinds.firewalls();
        this.volumes = kinds.volumes();
        this.firewallsByName = firewalls.store.index(Firewall::name);
        this.volumesByServer = volumes.store.index(volume -> String.valueOf(volume.server()));
        this.lost = new UnknownOutcomes(context, List.of(servers, firewalls, volumes));
        servers.enable();
        firewalls.enable();
        servers.onGone(this::volumesReleased);
        this.actionTracker = new ActionTracker(
                context, pending, Map.of("server", servers, "firewall", firewalls, "volume", volumes));
        this.freshness = new Freshness(settings, clock.instant());
        this.catalogue = new CatalogueCache(client, context);
        var tasks = new HetznerInventoryTasks(
                client, context, freshness, servers, firewalls, volumes, actionTracker, pending, catalogue, lost);
        schedule("hetzner-inventory-" + provider, tasks.all(), freshness::asOf);
        gauge("anchorhold.inventory.actions.pending", () -> (double) context.locked(pending::size));
    }

    // ---- asking

    /**
     * All servers labelled with this uid; never an empty list in {@code Seen}, more than one is a double (F01).
     *
     * @param knownIds ids that a status remembers: absence is claimed only when each of them was asked for and not found
     */
    public Sighting<List<Server>> servers(String uid, Set<Long> knownIds) {
        return sighting(servers, uid, knownIds);
    }

    public Sighting<List<Firewall>> firewalls(String uid, Set<Long> knownIds) {
        return sighting(firewalls, uid, knownIds);
    }

    /** All volumes labelled with this uid. Asking makes volumes be watched from then on, if they were not. */
    public Sighting<List<Volume>> volumes(String uid, Set<Long> knownIds) {
        return sighting(volumes, uid, knownIds);
    }

    /** Of these ids of servers, those that are not seen to be another object's: for a deletion, which ends when nothing bears its own UID. */
    public Set<Long> withoutOthersServers(String uid, Set<Long> ids) {
        return withoutOthers(servers, uid, ids);
    }

    public Set<Long> withoutOthersVolumes(String uid, Set<Long> ids) {
        return withoutOthers(volumes, uid, ids);
    }

    private Set<Long> withoutOthers(FeedInformer<?> kind, String uid, Set<Long> ids) {
        return context.locked(
                () -> ids.stream().filter(id -> !kind.isAnothers(uid, id)).collect(Collectors.toSet()));
    }

    private <T> Sighting<List<T>> sighting(FeedInformer<T> kind, String uid, Set<Long> knownIds) {
        var sighting = context.locked(() -> {
            kind.enable();
            return kind.sighting(uid, knownIds, freshness.asOf(), whyUnknown(kind, uid));
        });
        if (sighting instanceof Sighting.Unknown) wake();
        return sighting;
    }

    private String whyUnknown(FeedInformer<?> kind, String uid) {
        if (kind.isFeedUnread())
            return "the cloud's %ss have not been read yet".formatted(kind.cloudResourceType.type());
        return lost.whyUnknown(uid)
                .or(() -> freshness.whyUnknown(context.now()))
                .orElse(null);
    }

    /** Everything of the installation's that is known, whoever's it is; as old as it may be. */
    public List<Server> servers() {
        return context.locked(
                () -> servers.owned().map(InventoryStore.Item::value).toList());
    }

    public List<Firewall> firewalls() {
        return context.locked(
                () -> firewalls.owned().map(InventoryStore.Item::value).toList());
    }

    /** What was last read of the installation's firewall. */
    public Optional<Firewall> firewall(long id) {
        return context.locked(
                () -> firewalls.store.item(id).map(InventoryStore.Item::value).filter(firewalls::isOurs));
    }

    /** The installation's firewalls that are of no one object. */
    public List<Firewall> firewallsOfNobody() {
        return context.locked(() -> firewalls.store.items("").stream()
                .map(InventoryStore.Item::value)
                .filter(firewalls::isOurs)
                .toList());
    }

    public List<Volume> volumes() {
        return context.locked(
                () -> volumes.owned().map(InventoryStore.Item::value).toList());
    }

    /** The server that it is attached to; empty also if that went after the volume was read. */
    public Optional<Long> serverOf(Volume volume) {
        return context.locked(() -> {
            long read = volumes.store
                    .item(volume.id())
                    .map(InventoryStore.Item::sequence)
                    .orElse(0L);
            return Optional.ofNullable(volume.server()).filter(id -> !servers.store.goneSince(id, read));
        });
    }

    /** A server that is gone has let go of its volumes, and no feed may say so. */
    private void volumesReleased(long server) {
        volumesByServer.rows(String.valueOf(server)).stream()
                .map(InventoryStore.Item::value)
                .forEach(volume ->
                        volumes.rereadQueue.addId(volume.id(), context.now().plus(context.settings.coalesceDelay())));
    }

    /** Whether it is on any server, but for those that went after it was read. */
    public boolean isOnAServer(Firewall firewall) {
        return context.locked(() -> {
            long read = firewalls
                    .store
                    .item(firewall.id())
                    .map(InventoryStore.Item::sequence)
                    .orElse(0L);
            return firewall.servers().anyMatch(id -> !servers.store.goneSince(id, read));
        });
    }

    /** What is known of the firewall may be outdated: it is read again soon. */
    public void requestFirewallReread(long id) {
        context.locked(() -> firewalls.rereadQueue.addId(id, context.now()));
        wake();
    }

    /** Why nothing may be called absent now, for the cloud has not been seen completely or not lately; empty if it has. */
    public Optional<String> whyStale() {
        return context.locked(() -> freshness.whyUnknown(context.now()));
    }

    /** Nothing of this uid is wanted any more. */
    public void forget(String uid) {
        context.locked(() -> actionTracker.forget(uid));
    }

    /** The installation's firewall of that name (a shared one has no uid). A stranger's is {@code Absent}: only a create shows it. */
    public Sighting<Firewall> firewallNamed(String name) {
        return context.locked(() -> {
            var named = firewallsByName.rows(name).stream()
                    .filter(item -> firewalls.isOurs(item.value()))
                    .findFirst();
            if (named.isPresent())
                return new Sighting.Seen<>(named.get().value(), named.get().asOf());
            return freshness
                    .whyUnknown(context.now())
                    .<Sighting<Firewall>>map(why -> new Sighting.Unknown<>(why, freshness.asOf()))
                    .orElseGet(() -> new Sighting.Absent<>(freshness.asOf()));
        });
    }

    /**
     * Our actions for this uid that are not over: those that run, those that failed since the same command was last tried, and those that
     * succeeded while what they did has not been read yet, so that nobody does it again.
     */
    public List<Action> unfinishedActions(String uid) {
        return context.locked(() -> actionTracker.unfinished(uid));
    }

    /** When this uid's actions last succeeded, by their command and the cloud's clock; as far as this process saw them end. */
    public Map<String, Instant> lastSuccess(String uid) {
        return context.locked(() -> actionTracker.finished(uid));
    }

    /** The last catalogue read; asking makes it be read again when it is old. Empty until the first is there. */
    public Optional<ServerCatalogue> catalogue() {
        var answer = context.locked(catalogue::get);
        if (context.locked(catalogue::isDue)) wake();
        return answer;
    }

    /** Availability has changed, or is waited for: it is read again soon (at most once a minute). */
    public void invalidateCatalogue() {
        if (context.locked(catalogue::invalidate)) wake();
    }

    // ---- telling: what our own writes answered

    /** A server that we created, or adopted, and all actions that must end before it is ready. */
    public void recordServer(String uid, Server server, List<Action> actions) {
        record(servers, uid, server, actions);
    }

    public void recordFirewall(String uid, Firewall firewall, List<Action> actions) {
        record(firewalls, uid, firewall, actions);
    }

    public void recordVolume(String uid, Volume volume, List<Action> actions) {
        record(volumes, uid, volume, actions);
    }

    private <T> void record(FeedInformer<T> kind, String uid, T value, List<Action> actions) {
        context.locked(() -> {
            long number = context.nextSequence();
            actionTracker.track(uid, actions);
            kind.recordWrite(uid, value, number);
        });
        wake();
    }

    /** Actions that a write started on objects known already (power, rules, attach, detach). None: the objects are read again. */
    public void recordActions(String uid, List<Action> actions) {
        context.locked(() -> actionTracker.track(uid, actions));
        if (actions.isEmpty()) requestReread(uid);
        wake();
    }

    /** The cloud accepted a server's deletion; {@code action} is empty if it was gone already. */
    public void recordServerDeleted(String uid, long id, Optional<Action> action) {
        context.locked(() -> {
            long number = context.nextSequence();
            servers.store.recordWrite(uid, number);
            servers.store
                    .item(id)
                    .ifPresent(item ->
                            servers.store.put(item.value().deleting(), number, context.now(), context::markChanged));
            if (action.isEmpty()) servers.remove(id, number);
            actionTracker.track(uid, action.stream().toList());
        });
        wake();
    }

    public void recordFirewallDeleted(String uid, long id) {
        recordDeleted(firewalls, uid, id);
    }

    public void recordVolumeDeleted(String uid, long id) {
        recordDeleted(volumes, uid, id);
    }

    private void recordDeleted(FeedInformer<?> kind, String uid, long id) {
        context.locked(() -> kind.recordDeletion(uid, id));
    }

    /**
     * An {@code UnknownOutcome}: everything of this uid is read again, and nothing is absent until that is done (F09).
     */
    public void recordUnknownOutcome(String uid) {
        context.locked(() -> lost.add(uid));
        wake();
    }

    /** What is known of this uid's objects may be outdated (one was not found): they are read again soon. */
    public void requestReread(String uid) {
        context.locked(() -> lost.requestReread(uid));
        wake();
    }

    // ---- finalizers (these do call, in the caller's thread, with the deletion class of the budget)

    public DeletionCheck confirmServersGone(String uid, Set<Long> knownIds) {
        return servers.confirmGone(uid, knownIds);
    }

    public DeletionCheck confirmFirewallsGone(String uid, Set<Long> knownIds) {
        return firewalls.confirmGone(uid, knownIds);
    }

    public DeletionCheck confirmVolumesGone(String uid, Set<Long> knownIds) {
        return volumes.confirmGone(uid, knownIds);
    }
}
