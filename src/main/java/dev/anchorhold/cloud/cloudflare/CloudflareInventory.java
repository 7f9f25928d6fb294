package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudInformer;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Inventory;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.InventoryStore;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.TaskLoop;
import dev.anchorhold.cloud.UnknownOutcomes;
import dev.anchorhold.cloud.Urgency;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Cached view of one installation's tunnels and records in one Cloudflare account and zone. Reading it costs no call
 * and never blocks; a background loop keeps it current. One per ProviderConfig. What our own writes answered is
 * recorded in it at once, so that nobody reads what is known.
 */
public final class CloudflareInventory extends Inventory {
    /**
     * How often tunnels are listed while somebody waits for a connector, in parts of the usual interval, and for how
     * long at most.
     */
    private static final int EXPECTED_SPEEDUP = 10;

    private static final Duration MAX_EXPECTED_WAIT = Duration.ofMinutes(2);

    private final PolledInformer<Tunnel> tunnels;
    private final PolledInformer<DnsRecord> records;
    private final TunnelConfigurationCache tunnelConfigurationCache;
    private final UnknownOutcomes lost;
    private final Map<String, Instant> expected = new HashMap<>();

    /** @param provider the ProviderConfig's name, a label of the metrics */
    public CloudflareInventory(
            CloudflareClient client,
            String zoneId,
            String installation,
            String provider,
            InventorySettings settings,
            InstantSource clock,
            MeterRegistry meters) {
        super(new InventoryContext(installation, settings, clock), "cloudflare", provider, meters);
        this.tunnels = new PolledInformer<>(
                new CloudInformer<>(CloudflareInformers.tunnels(client.tunnels(), installation), context),
                context,
                Urgency.DELETION_OR_PERSON,
                Purpose.FEED,
                this::pollInterval,
                settings.maxAge());
        this.records = new PolledInformer<>(
                new CloudInformer<>(CloudflareInformers.records(client.records(zoneId), installation), context),
                context,
                Urgency.DRIFT,
                Purpose.BACKSTOP,
                settings::slowInterval,
                settings.slowInterval().plus(settings.maxAge()));
        this.tunnelConfigurationCache = new TunnelConfigurationCache(client.tunnels(), tunnels.informer, context);
        this.lost = new UnknownOutcomes(context, List.of(tunnels.informer, records.informer));
        schedule("cloudflare-inventory-" + provider, tasks(), tunnels::asOf);
    }

    private List<TaskLoop.Task> tasks() {
        return List.of(
                task("the tunnels", tunnels::due, tunnels::read),
                task("the records", records::due, records::read),
                task("lost answers", lost::due, () -> context.locked(lost::expire)),
                task("changed tunnels", tunnels.informer.rereadQueue::due, tunnels.informer::processRereads),
                task("changed records", records.informer.rereadQueue::due, records.informer::processRereads),
                task("a configuration", tunnelConfigurationCache::due, tunnelConfigurationCache::readNext));
    }

    private TaskLoop.Task task(String name, Supplier<Optional<Instant>> due, Runnable work) {
        return new TaskLoop.Task(name, () -> context.locked(due), work);
    }

    /** Between two lists of all tunnels. */
    private Duration pollInterval() {
        expected.entrySet().removeIf(it -> it.getValue().isBefore(context.now()) || serves(it.getKey()));
        return expected.isEmpty()
                ? context.settings.feedInterval()
                : context.settings.feedInterval().dividedBy(EXPECTED_SPEEDUP);
    }

    private boolean serves(String uid) {
        return tunnels.informer.store.items(uid).stream()
                .anyMatch(item -> item.value().serves());
    }

    // ---- asking

    /**
     * All live tunnels that bear the name of this uid's; never an empty list in {@code Seen}. A stranger's is {@code Absent}: only a create shows it.
     *
     * @param knownIds ids that a status remembers: absence is claimed only when each of them was asked for and not found
     */
    public Sighting<List<Tunnel>> tunnels(String uid, Set<String> knownIds) {
        return sighting(tunnels, uid, knownIds);
    }

    /** All records with the comment of this uid's, whatever name they have; a stranger's of the wanted name is {@code Absent}. */
    public Sighting<List<DnsRecord>> records(String uid, Set<String> knownIds) {
        return sighting(records, uid, knownIds);
    }

    private <T> Sighting<List<T>> sighting(PolledInformer<T> kind, String uid, Set<String> knownIds) {
        var sighting = context.locked(() -> kind.informer.sighting(
                uid,
                knownIds,
                kind.asOf(),
                lost.whyUnknown(uid).or(kind::whyUnknown).orElse(null)));
        if (sighting instanceof Sighting.Unknown) wake();
        return sighting;
    }

    /**
     * What the tunnel leads to ({@code Ingress.NONE}: it was never configured); {@code Absent} if there is no such tunnel. After a start it is
     * {@code Unknown} until its turn to be read comes, which can take long: a write is safe to repeat and costs no more than {@link #lookAtConfiguration}.
     */
    public Sighting<TunnelConfiguration> configuration(String tunnelId) {
        return context.locked(() -> tunnelConfigurationCache.sighting(tunnelId));
    }

    /** It is read soon, before its turn. */
    public void requestConfigurationReread(String tunnelId) {
        context.locked(() -> tunnelConfigurationCache.requestReread(tunnelId));
        wake();
    }

    /** Everything of the installation's that is known, whoever's it is; as old as it may be. */
    public List<Tunnel> tunnels() {
        return context.locked(
                () -> tunnels.informer.owned().map(InventoryStore.Item::value).toList());
    }

    public List<DnsRecord> records() {
        return context.locked(
                () -> records.informer.owned().map(InventoryStore.Item::value).toList());
    }

    /** The uid whose mark it bears; empty for a stranger's. */
    public String uidOf(Tunnel tunnel) {
        return tunnels.informer.cloudResourceType.uid().apply(tunnel);
    }

    public String uidOf(DnsRecord record) {
        return records.informer.cloudResourceType.uid().apply(record);
    }

    /** Why nothing may be called absent now, for the cloud has not been seen completely or not lately; empty if it has. */
    public Optional<String> whyStale() {
        return context.locked(() -> tunnels.whyUnknown().or(records::whyUnknown));
    }

    /** There have been complete lists since the start. */
    public boolean isSynced() {
        return context.locked(() -> tunnels.isSynced() && records.isSynced());
    }

    /**
     * A connector of this uid's tunnel should be there any moment: the tunnels are listed often until it serves, for
     * two minutes at most.
     */
    public void expectConnector(String uid) {
        context.locked(() -> expected.put(uid, context.now().plus(MAX_EXPECTED_WAIT)));
        wake();
    }

    // ---- telling: what our own writes answered

    /** A tunnel that we created, adopted or changed. */
    public void recordTunnel(String uid, Tunnel tunnel) {
        context.locked(() -> tunnels.informer.recordWrite(uid, tunnel));
    }

    public void recordTunnelDeleted(String uid, String id) {
        context.locked(() -> tunnels.informer.recordDeletion(uid, id));
    }

    public void recordConfiguration(String uid, String tunnelId, TunnelConfiguration configuration) {
        context.locked(() -> tunnelConfigurationCache.recordWrite(uid, tunnelId, configuration));
    }

    public void recordRecord(String uid, DnsRecord record) {
        context.locked(() -> records.informer.recordWrite(uid, record));
    }

    public void recordRecordDeleted(String uid, String id) {
        context.locked(() -> records.informer.recordDeletion(uid, id));
    }

    /**
     * An {@code UnknownOutcome}: everything of this uid is read again, and nothing is absent until that is done (F09).
     */
    public void recordUnknownOutcome(String uid) {
        context.locked(() -> {
            lost.add(uid);
            tunnels.informer.store.ids(uid).forEach(tunnelConfigurationCache::invalidate);
        });
        wake();
    }

    /** What is known of this uid's objects may be outdated (one was not found): they are read again soon. */
    public void requestReread(String uid) {
        context.locked(() -> {
            lost.requestReread(uid);
            tunnels.informer.store.ids(uid).forEach(tunnelConfigurationCache::requestReread);
        });
        wake();
    }

    /** Nothing of this uid is wanted any more. */
    public void forget(String uid) {
        context.locked(() -> expected.remove(uid));
    }

    // ---- finalizers (these do call, in the caller's thread, with the deletion class of the budget)

    /** A tunnel that was deleted is gone, although the cloud goes on telling of it. */
    public DeletionCheck confirmTunnelsGone(String uid, Set<String> knownIds) {
        return tunnels.informer.confirmGone(uid, knownIds);
    }

    public DeletionCheck confirmRecordsGone(String uid, Set<String> knownIds) {
        return records.informer.confirmGone(uid, knownIds);
    }
}
