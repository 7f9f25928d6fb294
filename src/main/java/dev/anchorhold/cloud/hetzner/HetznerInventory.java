package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Inventory;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.LostAnswers;
import dev.anchorhold.cloud.Rows;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Sighting;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything known of one installation's servers, firewalls and volumes in one Hetzner project. Asking it costs no call and never blocks; a loop of
 * its own keeps it true. One per ProviderConfig. What our own writes answered is told to it at once, so that nobody reads what is known.
 */
public final class HetznerInventory extends Inventory {
    private final PendingActions pending = new PendingActions();
    private final Followed<Server> servers;
    private final Followed<Firewall> firewalls;
    private final Followed<Volume> volumes;
    private final Happenings happenings;
    private final Freshness freshness;
    private final CatalogueShelf catalogue;
    private final LostAnswers lost;
    private final Rows<Long, Firewall>.Index firewallsByName;
    private final Rows<Long, Volume>.Index volumesByServer;

    /** @param provider the ProviderConfig's name, a label of the metrics */
    public HetznerInventory(
            HetznerClient client,
            String installation,
            String provider,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry meters) {
        super(new Shared(installation, settings, clock), "hetzner", provider, meters);
        var kinds = new Kinds(client, shared, pending);
        this.servers = kinds.servers();
        this.firewalls = kinds.firewalls();
        this.volumes = kinds.volumes();
        this.firewallsByName = firewalls.rows.index(Firewall::name);
        this.volumesByServer = volumes.rows.index(volume -> String.valueOf(volume.server()));
        this.lost = new LostAnswers(shared, List.of(servers, firewalls, volumes));
        servers.follow();
        firewalls.follow();
        servers.whenGone(this::volumesReleased);
        this.happenings =
                new Happenings(shared, pending, Map.of("server", servers, "firewall", firewalls, "volume", volumes));
        this.freshness = new Freshness(settings, clock.instant());
        this.catalogue = new CatalogueShelf(client, shared);
        var chores = new InventoryChores(
                client, shared, freshness, servers, firewalls, volumes, happenings, pending, catalogue, lost);
        keep("hetzner-inventory-" + provider, chores.all(), freshness::asOf);
        gauge("anchorhold.inventory.actions.pending", () -> (double) shared.locked(pending::size));
    }

    // ---- asking

    /**
     * All servers labelled with this uid; never an empty list in {@code Seen}, more than one is a double (F01).
     *
     * @param knownIds ids that a status remembers: absence is claimed only when each of them was asked for and not found
     */
    public Sighting<List<Server>> servers(String uid, Set<Long> knownIds) {
        return sight(servers, uid, knownIds);
    }

    public Sighting<List<Firewall>> firewalls(String uid, Set<Long> knownIds) {
        return sight(firewalls, uid, knownIds);
    }

    /** All volumes labelled with this uid. Asking makes volumes be watched from then on, if they were not. */
    public Sighting<List<Volume>> volumes(String uid, Set<Long> knownIds) {
        return sight(volumes, uid, knownIds);
    }

    private <T> Sighting<List<T>> sight(Followed<T> kind, String uid, Set<Long> knownIds) {
        var sighting = shared.locked(() -> {
            kind.follow();
            return kind.sight(uid, knownIds, freshness.asOf(), doubt(kind, uid));
        });
        if (sighting instanceof Sighting.Unknown) nudge();
        return sighting;
    }

    private String doubt(Followed<?> kind, String uid) {
        if (kind.isUnheard()) return "the cloud's %ss have not been looked at yet".formatted(kind.kind.type());
        return lost.doubt(uid).or(() -> freshness.doubt(shared.now())).orElse(null);
    }

    /** Everything of the installation's that is known, whoever's it is; as old as it may be. */
    public List<Server> servers() {
        return shared.locked(() -> servers.ours().map(Rows.Row::value).toList());
    }

    public List<Firewall> firewalls() {
        return shared.locked(() -> firewalls.ours().map(Rows.Row::value).toList());
    }

    /** What was last read of the installation's firewall. */
    public Optional<Firewall> firewall(long id) {
        return shared.locked(() -> firewalls.rows.row(id).map(Rows.Row::value).filter(firewalls::isOurs));
    }

    /** The installation's firewalls that are of no one object. */
    public List<Firewall> firewallsOfNobody() {
        return shared.locked(() -> firewalls.rows.rows("").stream()
                .map(Rows.Row::value)
                .filter(firewalls::isOurs)
                .toList());
    }

    public List<Volume> volumes() {
        return shared.locked(() -> volumes.ours().map(Rows.Row::value).toList());
    }

    /** The server that it is attached to; empty also if that went after the volume was read. */
    public Optional<Long> serverOf(Volume volume) {
        return shared.locked(() -> {
            long read = volumes.rows.row(volume.id()).map(Rows.Row::number).orElse(0L);
            return Optional.ofNullable(volume.server()).filter(id -> !servers.rows.goneSince(id, read));
        });
    }

    /** A server that is gone has let go of its volumes, and no feed may say so. */
    private void volumesReleased(long server) {
        volumesByServer.rows(String.valueOf(server)).stream()
                .map(Rows.Row::value)
                .forEach(volume -> volumes.rereads.id(volume.id(), shared.now().plus(shared.settings.coalesce())));
    }

    /** The servers that it is on, without those that went after it was read. */
    public Set<Long> serversOn(Firewall firewall) {
        return shared.locked(() -> {
            long read = firewalls.rows.row(firewall.id()).map(Rows.Row::number).orElse(0L);
            return firewall.serverIds().stream()
                    .filter(id -> !servers.rows.goneSince(id, read))
                    .collect(Collectors.toSet());
        });
    }

    /** What is known of the firewall is in doubt: it is read again soon. */
    public void lookAtFirewall(long id) {
        shared.locked(() -> firewalls.rereads.id(id, shared.now()));
        nudge();
    }

    /** Why nothing may be called absent now, for the cloud has not been seen completely or not lately; empty if it has. */
    public Optional<String> outOfSight() {
        return shared.locked(() -> freshness.doubt(shared.now()));
    }

    /** Nothing of this uid is wanted any more. */
    public void forget(String uid) {
        shared.locked(() -> happenings.forget(uid));
    }

    /** The installation's firewall of that name (a shared one has no uid). A stranger's is {@code Absent}: only a create shows it. */
    public Sighting<Firewall> firewallNamed(String name) {
        return shared.locked(() -> {
            var named = firewallsByName.rows(name).stream()
                    .filter(row -> firewalls.isOurs(row.value()))
                    .findFirst();
            if (named.isPresent())
                return new Sighting.Seen<>(named.get().value(), named.get().asOf());
            return freshness
                    .doubt(shared.now())
                    .<Sighting<Firewall>>map(why -> new Sighting.Unknown<>(why, freshness.asOf()))
                    .orElseGet(() -> new Sighting.Absent<>(freshness.asOf()));
        });
    }

    /**
     * Our actions for this uid that are not over: those that run, those that failed since the same command was last tried, and those that
     * succeeded while what they did has not been read yet, so that nobody does it again.
     */
    public List<Action> pending(String uid) {
        return shared.locked(() -> happenings.of(uid));
    }

    /** When this uid's actions last succeeded, by their command and the cloud's clock; as far as this process saw them end. */
    public Map<String, Instant> finished(String uid) {
        return shared.locked(() -> happenings.finished(uid));
    }

    /** The last catalogue read; asking makes it be read again when it is old. Empty until the first is there. */
    public Optional<Catalogue> catalogue() {
        var answer = shared.locked(catalogue::ask);
        if (shared.locked(catalogue::isDue)) nudge();
        return answer;
    }

    /** After a capacity error: availability has changed, so read it again soon (at most once a minute). */
    public void doubtCatalogue() {
        shared.locked(catalogue::doubt);
        nudge();
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

    private <T> void record(Followed<T> kind, String uid, T value, List<Action> actions) {
        shared.locked(() -> {
            long number = shared.nextNumber();
            happenings.ours(uid, actions);
            kind.wrote(uid, value, number);
        });
        nudge();
    }

    /** Actions that a write started on objects known already (power, rules, attach, detach). None: the objects are read again. */
    public void recordActions(String uid, List<Action> actions) {
        shared.locked(() -> happenings.ours(uid, actions));
        if (actions.isEmpty()) lookAgain(uid);
        nudge();
    }

    /** The cloud accepted a server's deletion; {@code action} is empty if it was gone already. */
    public void recordServerDeleted(String uid, long id, Optional<Action> action) {
        shared.locked(() -> {
            long number = shared.nextNumber();
            servers.rows.wrote(uid, number);
            servers.rows
                    .row(id)
                    .ifPresent(row -> servers.rows.put(row.value().deleting(), number, shared.now(), shared::changed));
            if (action.isEmpty()) servers.remove(id, number);
            happenings.ours(uid, action.stream().toList());
        });
        nudge();
    }

    public void recordFirewallDeleted(String uid, long id) {
        recordDeleted(firewalls, uid, id);
    }

    public void recordVolumeDeleted(String uid, long id) {
        recordDeleted(volumes, uid, id);
    }

    private void recordDeleted(Followed<?> kind, String uid, long id) {
        shared.locked(() -> kind.deleted(uid, id));
    }

    /** An {@code UnknownOutcome}: everything of this uid is looked at again, and nothing is absent until that is done (F09). */
    public void recordLostAnswer(String uid) {
        shared.locked(() -> lost.add(uid));
        nudge();
    }

    /** What is known of this uid's objects is in doubt (one was not found): they are read again soon. */
    public void lookAgain(String uid) {
        shared.locked(() -> lost.lookAgain(uid));
        nudge();
    }

    // ---- finalizers (these do call, in the caller's thread, with the deletion class of the budget)

    public Departure serversGone(String uid, Set<Long> knownIds) {
        return servers.gone(uid, knownIds);
    }

    public Departure firewallsGone(String uid, Set<Long> knownIds) {
        return firewalls.gone(uid, knownIds);
    }

    public Departure volumesGone(String uid, Set<Long> knownIds) {
        return volumes.gone(uid, knownIds);
    }
}
