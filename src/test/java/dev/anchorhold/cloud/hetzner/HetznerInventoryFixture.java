package dev.anchorhold.cloud.hetzner;

import static dev.anchorhold.cloud.Urgency.PROVISIONING;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.InventoryClock;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.sim.cloud.SimulatorClock;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;

/** A simulated cloud and an inventory of it, in a time that only the test moves. */
final class HetznerInventoryFixture implements AutoCloseable {
    static final String INSTALLATION = "test";

    final SimulatorClock.Manual clock = SimulatorClock.manual(Instant.parse("2026-11-24T10:00:00Z"));
    final HetznerSimulator cloud;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final HetznerClient client;
    final List<String> notified = new CopyOnWriteArrayList<>();
    private final OkHttpClient http = new OkHttpClient();
    private long debian;
    HetznerInventory inventory;

    HetznerInventoryFixture() {
        this(options -> options);
    }

    HetznerInventoryFixture(UnaryOperator<HetznerOptions> with) {
        cloud = HetznerSimulator.start(
                with.apply(new HetznerOptions().clock(clock).firewallLimit(5000)));
        client = new HetznerClient(
                cloud.endpoint().toString(),
                cloud::token,
                http,
                Timeouts.DEFAULT,
                new RateBudget(3600, clock::now),
                meters,
                "test");
        inventory = fresh();
    }

    HetznerInventory fresh() {
        var it = new HetznerInventory(client, INSTALLATION, "test", InventorySettings.DEFAULT, clock::now, meters);
        it.onChange(notified::add);
        return it;
    }

    // ---- what an operator does

    Firewall createFirewall(String uid) {
        var made = client.createFirewall(PROVISIONING, Purpose.CREATE, "fw-" + uid, labels(uid), ssh());
        inventory.recordFirewall(uid, made.value(), made.actions());
        return made.value();
    }

    Server createServer(String uid) {
        var firewall = createFirewall(uid);
        var made = client.createServer(PROVISIONING, Purpose.CREATE, wanted(uid, firewall.id(), debian()));
        inventory.recordServer(uid, made.value(), made.actions());
        return made.value();
    }

    /** As an operator that died or lost the answer: it is made, and nobody tells the inventory. */
    Server createServerUnrecorded(String uid) {
        var firewall = client.createFirewall(PROVISIONING, Purpose.CREATE, "fw-" + uid, labels(uid), ssh());
        return client.createServer(
                        PROVISIONING,
                        Purpose.CREATE,
                        wanted(uid, firewall.value().id(), debian()))
                .value();
    }

    Volume createVolume(String uid) {
        var made = client.volumes().create(PROVISIONING, Purpose.CREATE, "vol-" + uid, 10, "hel1", labels(uid));
        inventory.recordVolume(uid, made.value(), made.actions());
        return made.value();
    }

    Volume createVolumeUnrecorded(String uid) {
        return client.volumes()
                .create(PROVISIONING, Purpose.CREATE, "vol-" + uid, 10, "hel1", labels(uid))
                .value();
    }

    CreateServerRequest wanted(String uid, long firewall, long image) {
        return new CreateServerRequest(
                "vm-" + uid, "cx23", image, "hel1", List.of(), List.of(firewall), List.of(), null, true, labels(uid));
    }

    long debian() {
        if (debian != 0) return debian;
        return debian = client.images(PROVISIONING, Purpose.CATALOGUE).stream()
                .filter(image ->
                        image.name().equals("debian-12") && image.architecture().equals("x86"))
                .findFirst()
                .orElseThrow()
                .id();
    }

    static RuleSet ssh() {
        return RuleSet.of(List.of(FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0", "::/0"), "")));
    }

    static Map<String, String> labels(String uid) {
        return Ownership.labels(INSTALLATION, "PlainVm", uid);
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

    // ---- what is seen

    Sighting<List<Server>> servers(String uid) {
        return inventory.servers(uid, Set.of());
    }

    boolean seen(String uid) {
        return servers(uid) instanceof Sighting.Seen;
    }

    boolean absent(String uid) {
        return servers(uid) instanceof Sighting.Absent;
    }

    boolean unknown(String uid) {
        return servers(uid) instanceof Sighting.Unknown;
    }

    Server server(String uid) {
        if (servers(uid) instanceof Sighting.Seen(var found, var asOf)) return found.getFirst();
        throw new AssertionError(servers(uid).toString());
    }

    Firewall firewall(String uid) {
        if (inventory.firewalls(uid, Set.of()) instanceof Sighting.Seen(var found, var asOf)) return found.getFirst();
        throw new AssertionError(inventory.firewalls(uid, Set.of()).toString());
    }

    Sighting<List<Volume>> volumes(String uid) {
        return inventory.volumes(uid, Set.of());
    }

    Volume volume(String uid) {
        if (volumes(uid) instanceof Sighting.Seen(var found, var asOf)) return found.getFirst();
        throw new AssertionError(volumes(uid).toString());
    }

    boolean ready(String uid) {
        return servers(uid) instanceof Sighting.Seen(var found, var asOf)
                && found.getFirst().status() == Server.Status.RUNNING
                && inventory.unfinishedActions(uid).isEmpty();
    }

    Map<String, Long> reads() {
        return cloud.requests().entries().stream()
                .filter(request -> request.method().equals("GET"))
                .collect(Collectors.groupingBy(
                        request -> request.template()
                                + (request.query() != null && request.query().contains("+in+") ? " in" : ""),
                        TreeMap::new,
                        Collectors.counting()));
    }

    static CloudException lost(Runnable call) {
        try {
            call.run();
            throw new AssertionError("the answer came");
        } catch (CloudException.UnknownOutcome e) {
            return e;
        }
    }

    @Override
    public void close() {
        inventory.close();
        cloud.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }
}
