package dev.anchorhold.cloud.cloudflare;

import static dev.anchorhold.cloud.Urgency.PROVISIONING;

import dev.anchorhold.cloud.InventoryClock;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.sim.cloud.SimulatorClock;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import okhttp3.OkHttpClient;

/** A simulated account with a zone, and an inventory of it, in a time that only the test moves. */
final class CloudflareInventoryFixture implements AutoCloseable {
    static final String INSTALLATION = "test";
    static final String ZONE = "anchorhold.localhost";
    static final String A = uid(1);
    static final String B = uid(2);
    static final String NOBODY = uid(0);

    final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    final CloudflareSimulator cloud;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final CloudflareClient client;
    final List<String> notified = new CopyOnWriteArrayList<>();
    private final OkHttpClient http = new OkHttpClient();
    CloudflareInventory inventory;

    CloudflareInventoryFixture(CloudflareOptions options) {
        cloud = CloudflareSimulator.start(options.clock(clock).recordLimit(5000));
        client = new CloudflareClient(
                cloud.endpoint().toString(),
                cloud.accountId(),
                cloud::token,
                http,
                Timeouts.DEFAULT,
                CloudflareClient.budget(clock::now),
                meters,
                "test");
        inventory = fresh();
    }

    static String uid(int number) {
        return new UUID(0, number).toString();
    }

    CloudflareInventory fresh() {
        var it = new CloudflareInventory(
                client, cloud.zoneId(ZONE), INSTALLATION, "test", InventorySettings.DEFAULT, clock::now, meters);
        it.onChange(notified::add);
        return it;
    }

    // ---- what an operator does

    CreatedTunnel createTunnelUnrecorded(String uid) {
        return client.tunnels().create(PROVISIONING, Purpose.CREATE, CloudflareOwnership.tunnelName(INSTALLATION, uid));
    }

    CreatedTunnel createTunnel(String uid) {
        var made = createTunnelUnrecorded(uid);
        inventory.recordTunnel(uid, made.tunnel());
        return made;
    }

    TunnelConfiguration configure(String uid, String tunnelId, String service) {
        var now = client.tunnels().configure(PROVISIONING, Purpose.UPDATE, tunnelId, to(uid, service));
        inventory.recordConfiguration(uid, tunnelId, now);
        return now;
    }

    static Ingress to(String uid, String service) {
        return Ingress.to(host(uid), service);
    }

    DnsRecordClient records() {
        return client.records(cloud.zoneId(ZONE));
    }

    DnsRecord createRecordUnrecorded(String uid, String tunnelId) {
        return records().create(PROVISIONING, Purpose.CREATE, wanted(uid, tunnelId));
    }

    DnsRecord createRecord(String uid, String tunnelId) {
        var made = createRecordUnrecorded(uid, tunnelId);
        inventory.recordRecord(uid, made);
        return made;
    }

    static DesiredDnsRecord wanted(String uid, String tunnelId) {
        return new DesiredDnsRecord(host(uid), tunnelId, CloudflareOwnership.comment(INSTALLATION, uid));
    }

    static String host(String uid) {
        return "agent-" + uid + "." + ZONE;
    }

    // ---- time

    void pass(Duration time) {
        time().pass(time);
    }

    Duration passUntil(BooleanSupplier holds) {
        return time().passUntil(holds);
    }

    InventoryClock time() {
        return new InventoryClock(clock, () -> inventory);
    }

    void begin() {
        passUntil(() -> inventory.isSynced());
    }

    // ---- what is seen

    Sighting<List<Tunnel>> tunnels(String uid) {
        return inventory.tunnels(uid, Set.of());
    }

    Sighting<List<DnsRecord>> records(String uid) {
        return inventory.records(uid, Set.of());
    }

    Tunnel tunnel(String uid) {
        if (tunnels(uid) instanceof Sighting.Seen(var found, var asOf)) return found.getFirst();
        throw new AssertionError(tunnels(uid).toString());
    }

    DnsRecord record(String uid) {
        if (records(uid) instanceof Sighting.Seen(var found, var asOf)) return found.getFirst();
        throw new AssertionError(records(uid).toString());
    }

    boolean absent(String uid) {
        return tunnels(uid) instanceof Sighting.Absent;
    }

    boolean unknown(String uid) {
        return tunnels(uid) instanceof Sighting.Unknown;
    }

    boolean leadsTo(String uid, String tunnelId, String service) {
        return inventory.configuration(tunnelId) instanceof Sighting.Seen<TunnelConfiguration>(var it, var asOf)
                && it.ingress().equals(to(uid, service));
    }

    @Override
    public void close() {
        inventory.close();
        cloud.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
