package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.Departure;
import dev.anchorhold.cloud.Inventory;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.Loop;
import dev.anchorhold.cloud.LostAnswers;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Rows;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.Watched;
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
 * Everything known of one installation's tunnels and records in one Cloudflare account and zone. Asking it costs no call and never blocks; a loop of
 * its own keeps it true. One per ProviderConfig. What our own writes answered is told to it at once, so that nobody reads what is known.
 */
public final class CloudflareInventory extends Inventory {
    /** How often tunnels are looked at while somebody waits for a connector, in parts of the usual interval, and for how long at most. */
    private static final int HASTE = 10;

    private static final Duration LONGEST_HASTE = Duration.ofMinutes(2);

    private final Listed<Tunnel> tunnels;
    private final Listed<DnsRecord> records;
    private final Configurations configurations;
    private final LostAnswers lost;
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
        super(new Shared(installation, settings, clock), "cloudflare", provider, meters);
        this.tunnels = new Listed<>(
                new Watched<>(Kinds.tunnels(client.tunnels(), installation), shared),
                shared,
                Urgency.DELETION_OR_PERSON,
                Purpose.FEED,
                this::pace,
                settings.maxAge());
        this.records = new Listed<>(
                new Watched<>(Kinds.records(client.records(zoneId), installation), shared),
                shared,
                Urgency.DRIFT,
                Purpose.BACKSTOP,
                settings::seldom,
                settings.seldom().plus(settings.maxAge()));
        this.configurations = new Configurations(client.tunnels(), tunnels.watched, shared);
        this.lost = new LostAnswers(shared, List.of(tunnels.watched, records.watched));
        keep("cloudflare-inventory-" + provider, chores(), tunnels::asOf);
    }

    private List<Loop.Chore> chores() {
        return List.of(
                chore("the tunnels", tunnels::due, tunnels::read),
                chore("the records", records::due, records::read),
                chore("lost answers", lost::due, () -> shared.locked(lost::settle)),
                chore("changed tunnels", tunnels.watched.rereads::due, tunnels.watched::readAgain),
                chore("changed records", records.watched.rereads::due, records.watched::readAgain),
                chore("a configuration", configurations::due, configurations::readNext));
    }

    private Loop.Chore chore(String name, Supplier<Optional<Instant>> due, Runnable work) {
        return new Loop.Chore(name, () -> shared.locked(due), work);
    }

    /** Between two looks at all tunnels. */
    private Duration pace() {
        expected.entrySet().removeIf(it -> it.getValue().isBefore(shared.now()) || serves(it.getKey()));
        return expected.isEmpty()
                ? shared.settings.feed()
                : shared.settings.feed().dividedBy(HASTE);
    }

    private boolean serves(String uid) {
        return tunnels.watched.rows.rows(uid).stream()
                .anyMatch(row -> row.value().serves());
    }

    // ---- asking

    /**
     * All live tunnels that bear the name of this uid's; never an empty list in {@code Seen}. A stranger's is {@code Absent}: only a create shows it.
     *
     * @param knownIds ids that a status remembers: absence is claimed only when each of them was asked for and not found
     */
    public Sighting<List<Tunnel>> tunnels(String uid, Set<String> knownIds) {
        return sight(tunnels, uid, knownIds);
    }

    /** All records with the comment of this uid's, whatever name they have; a stranger's of the wanted name is {@code Absent}. */
    public Sighting<List<DnsRecord>> records(String uid, Set<String> knownIds) {
        return sight(records, uid, knownIds);
    }

    private <T> Sighting<List<T>> sight(Listed<T> kind, String uid, Set<String> knownIds) {
        var sighting = shared.locked(() -> kind.watched.sight(
                uid, knownIds, kind.asOf(), lost.doubt(uid).or(kind::doubt).orElse(null)));
        if (sighting instanceof Sighting.Unknown) nudge();
        return sighting;
    }

    /**
     * What the tunnel leads to ({@code Ingress.NONE}: it was never configured); {@code Absent} if there is no such tunnel. After a start it is
     * {@code Unknown} until its turn to be read comes, which can take long: a write is safe to repeat and costs no more than {@link #lookAtConfiguration}.
     */
    public Sighting<Configuration> configuration(String tunnelId) {
        return shared.locked(() -> configurations.sight(tunnelId));
    }

    /** It is read soon, before its turn. */
    public void lookAtConfiguration(String tunnelId) {
        shared.locked(() -> configurations.lookAgain(tunnelId));
        nudge();
    }

    /** Everything of the installation's that is known, whoever's it is; as old as it may be. */
    public List<Tunnel> tunnels() {
        return shared.locked(() -> tunnels.watched.ours().map(Rows.Row::value).toList());
    }

    public List<DnsRecord> records() {
        return shared.locked(() -> records.watched.ours().map(Rows.Row::value).toList());
    }

    /** The uid whose mark it bears; empty for a stranger's. */
    public String uidOf(Tunnel tunnel) {
        return tunnels.watched.kind.uid().apply(tunnel);
    }

    public String uidOf(DnsRecord record) {
        return records.watched.kind.uid().apply(record);
    }

    /** Why nothing may be called absent now, for the cloud has not been seen completely or not lately; empty if it has. */
    public Optional<String> outOfSight() {
        return shared.locked(() -> tunnels.doubt().or(records::doubt));
    }

    /** There have been complete lists since the start. */
    public boolean listed() {
        return shared.locked(() -> tunnels.everListed() && records.everListed());
    }

    /** A connector of this uid's tunnel should be there any moment: the tunnels are looked at often until it serves, for two minutes at most. */
    public void expectConnector(String uid) {
        shared.locked(() -> expected.put(uid, shared.now().plus(LONGEST_HASTE)));
        nudge();
    }

    // ---- telling: what our own writes answered

    /** A tunnel that we created, adopted or changed. */
    public void recordTunnel(String uid, Tunnel tunnel) {
        shared.locked(() -> tunnels.watched.wrote(uid, tunnel));
    }

    public void recordTunnelDeleted(String uid, String id) {
        shared.locked(() -> tunnels.watched.deleted(uid, id));
    }

    public void recordConfiguration(String uid, String tunnelId, Configuration configuration) {
        shared.locked(() -> configurations.wrote(uid, tunnelId, configuration));
    }

    public void recordRecord(String uid, DnsRecord record) {
        shared.locked(() -> records.watched.wrote(uid, record));
    }

    public void recordRecordDeleted(String uid, String id) {
        shared.locked(() -> records.watched.deleted(uid, id));
    }

    /** An {@code UnknownOutcome}: everything of this uid is looked at again, and nothing is absent until that is done (F09). */
    public void recordLostAnswer(String uid) {
        shared.locked(() -> {
            lost.add(uid);
            tunnels.watched.rows.ids(uid).forEach(configurations::doubt);
        });
        nudge();
    }

    /** What is known of this uid's objects is in doubt (one was not found): they are read again soon. */
    public void lookAgain(String uid) {
        shared.locked(() -> {
            lost.lookAgain(uid);
            tunnels.watched.rows.ids(uid).forEach(configurations::lookAgain);
        });
        nudge();
    }

    /** Nothing of this uid is wanted any more. */
    public void forget(String uid) {
        shared.locked(() -> expected.remove(uid));
    }

    // ---- finalizers (these do call, in the caller's thread, with the deletion class of the budget)

    /** A tunnel that was deleted is gone, although the cloud goes on telling of it. */
    public Departure tunnelsGone(String uid, Set<String> knownIds) {
        return tunnels.watched.gone(uid, knownIds);
    }

    public Departure recordsGone(String uid, Set<String> knownIds) {
        return records.watched.gone(uid, knownIds);
    }
}
