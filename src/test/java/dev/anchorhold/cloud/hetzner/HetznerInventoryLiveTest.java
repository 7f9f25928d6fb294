package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/**
 * The inventory's loop as it runs in production: a thread of its own, real time, many writers, and a cloud that
 * misbehaves.
 */
class HetznerInventoryLiveTest {
    private static final int SERVERS = 40;
    private static final InventorySettings QUICK = new InventorySettings(
            Duration.ofSeconds(2),
            Duration.ofHours(1),
            Duration.ofMinutes(3),
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofMinutes(10));

    @Test
    void servers_made_side_by_side_become_ready_by_notifications_alone_although_calls_fail_all_the_time()
            throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var http = new OkHttpClient();
        var meters = new SimpleMeterRegistry();
        try (var cloud = HetznerSimulator.start(new HetznerOptions().speed(20).noRateLimit());
                var writers = Executors.newVirtualThreadPerTaskExecutor()) {
            var client = new HetznerClient(
                    cloud.endpoint().toString(),
                    cloud::token,
                    http,
                    Timeouts.DEFAULT,
                    new RateBudget(3600, InstantSource.system()),
                    meters,
                    "live");
            try (var inventory = new HetznerInventory(client, "live", "live", QUICK, InstantSource.system(), meters)) {
                Set<String> ready = ConcurrentHashMap.newKeySet();
                inventory.onChange(uid -> {
                    if (isReady(inventory, uid)) ready.add(uid);
                });
                inventory.start();
                await().until(() -> inventory.servers("nobody", Set.of()) instanceof Sighting.Absent);
                var misfortune = new Random(seed);
                var mishaps = List.of(
                        new Faults.Html(502),
                        new Faults.ResetBefore(),
                        new Faults.LoseAnswer(true),
                        new Faults.Fail(423, "locked", ""));
                for (var uid :
                        IntStream.range(0, SERVERS).mapToObj(i -> "vm" + i).toList()) {
                    cloud.faults().next("*", "/servers*", mishaps.get(misfortune.nextInt(mishaps.size())));

                    writers.submit(() -> createAtAnyCost(client, inventory, uid));
                }
                await().until(() -> ready.size() == SERVERS);
                assertThat(cloud.console()
                                .act("GET", "/servers?per_page=50", null)
                                .get("servers"))
                        .hasSize(SERVERS);
            }
        } finally {
            http.dispatcher().executorService().shutdown();
            http.connectionPool().evictAll();
        }
    }

    private static boolean isReady(HetznerInventory inventory, String uid) {
        return inventory.servers(uid, Set.of()) instanceof Sighting.Seen<List<Server>>(var found, var asOf)
                && found.getFirst().status() == Server.Status.RUNNING
                && inventory.unfinishedActions(uid).isEmpty();
    }

    /** What an operator does: repeat what certainly did not happen; look before repeating what may have. */
    private static void createAtAnyCost(HetznerClient client, HetznerInventory inventory, String uid) {
        var wanted = new CreateServerRequest(
                "live-" + uid,
                "cx23",
                image(client),
                "hel1",
                List.of(),
                List.of(),
                List.of(),
                null,
                true,
                Ownership.labels("live", "PlainVm", uid));
        await().until(() -> {
            switch (inventory.servers(uid, Set.of())) {
                case Sighting.Seen<List<Server>> seen -> {
                    return true;
                }
                case Sighting.Unknown<List<Server>> unknown -> {
                    return false;
                }
                case Sighting.Absent<List<Server>> absent -> {
                    try {
                        var made = client.createServer(Urgency.PROVISIONING, Purpose.CREATE, wanted);
                        inventory.recordServer(uid, made.value(), made.actions());
                        return true;
                    } catch (CloudException.UnknownOutcome lost) {
                        inventory.recordUnknownOutcome(uid);
                        return false;
                    } catch (CloudException again) {
                        return false;
                    }
                }
            }
        });
    }

    private static long image(HetznerClient client) {
        return client.images(Urgency.PROVISIONING, Purpose.CATALOGUE).stream()
                .filter(image ->
                        image.name().equals("debian-12") && image.architecture().equals("x86"))
                .findFirst()
                .orElseThrow()
                .id();
    }
}
