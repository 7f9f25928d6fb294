package dev.anchorhold.door;

import static dev.anchorhold.door.TestHttpClient.agent;
import static dev.anchorhold.door.TestHttpClient.bootstrap;
import static dev.anchorhold.door.TestHttpClient.signIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.SettableClock;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.door.DoorClient;
import dev.anchorhold.operator.door.DoorInventory;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A companion that is killed at any instant, seen by its guests and by the operator's inventory. */
class DoorCrashTest {
    @TempDir
    private static Path folder;

    private static CompanionProcess companion;
    private static Path operatorToken;

    private final SettableClock clock = new SettableClock(Instant.now());
    private final Set<String> woken = ConcurrentHashMap.newKeySet();
    private Path token;
    private DoorClient operator;
    private DoorInventory inventory;

    @BeforeAll
    static void start() {
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        operatorToken = chart.operatorTokenForCompanion();
        companion = CompanionProcess.start(
                        new Settings(folder.resolve("companion"), chart.companionKubeconfig(), Map.of()),
                        new DatabaseAndKeys(CompanionDatabase.fresh(), folder))
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        companion.close();
    }

    @BeforeEach
    void watch() throws IOException {
        token = Files.copy(operatorToken, folder.resolve("token"), StandardCopyOption.REPLACE_EXISTING);
        operator = new DoorClient(new CompanionClient(companion.internalUri().toString(), token, new OkHttpClient()));
        inventory = new DoorInventory(operator, clock, new SimpleMeterRegistry());
        inventory.onChange(uid -> {
            throw new IllegalStateException("a listener that fails stops nobody");
        });
        inventory.onChange(woken::add);
    }

    @AfterEach
    void look_away() {
        inventory.close();
    }

    @Test
    void F58_a_guest_whose_redemption_was_cut_short_comes_in_by_its_token_or_by_its_key_but_never_by_neither()
            throws Exception {
        inventory.start();
        List<TestGuest> guests = Stream.generate(TestGuest::fresh).limit(100).toList();
        guests.forEach(this::deposit);
        Map<TestGuest, Integer> answers = new ConcurrentHashMap<>();
        var answered = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (TestGuest guest : guests) {
                threads.submit(() -> {
                    answers.put(
                            guest,
                            caller().post("/guest/v1/bootstrap", bootstrap(guest))
                                    .status());
                    if (answered.incrementAndGet() == 15) {
                        companion.kill9(); // with the others in the middle of theirs
                    }
                    return null;
                });
            }
        }
        companion.restart();
        companion.awaitReady();

        assertThat(answers).as("answered before the kill").isNotEmpty().hasSizeLessThan(100);
        for (TestGuest guest : guests) {
            boolean byToken =
                    caller().post("/guest/v1/bootstrap", bootstrap(guest)).status() == 200;
            assertThat(answers.containsKey(guest) && byToken)
                    .as("a token used twice")
                    .isFalse();
            String nonce = caller().post("/guest/v1/nonce", agent(guest))
                    .ok()
                    .get("nonce")
                    .asText();
            assertThat(caller().post("/guest/v1/token", signIn(guest, nonce)).status())
                    .isEqualTo(200);
        }
        polling()
                .untilAsserted(() -> assertThat(guests)
                        .allSatisfy(it -> assertThat(seen(it).redeemedHash()).isEqualTo(it.hash())));
    }

    @Test
    void F29_the_inventory_knows_what_the_door_knows_and_says_unknown_when_it_does_not() {
        TestGuest guest = TestGuest.fresh();
        String uid = guest.agent().toString();
        assertThat(inventory.guest(uid)).isInstanceOf(Unknown.class);
        inventory.start();
        polling().until(() -> woken.contains(""));
        assertThat(inventory.guest(uid)).isInstanceOf(Absent.class);

        deposit(guest);
        polling().until(() -> woken.contains(uid));
        assertThat(seen(guest).depositExpiresAt()).isNotNull();

        companion.kill9();
        polling().until(() -> inventory.lastFailure().isPresent());
        assertThat(seen(guest).agent()).isEqualTo(uid);
        clock.pass(Duration.ofSeconds(91));
        assertThat(inventory.guest(uid)).isInstanceOf(Unknown.class);

        woken.clear();
        companion.restart();
        companion.awaitReady();
        polling().until(() -> woken.contains(""));
        assertThat(seen(guest).agent()).isEqualTo(uid);

        operator.delete(uid);
        polling().until(() -> inventory.guest(uid) instanceof Absent && woken.contains(uid));
    }

    @Test
    void F27_the_operators_token_is_read_again_when_it_is_used() throws IOException {
        Files.writeString(token, "no token");
        inventory.start();
        polling()
                .until(() -> inventory
                        .lastFailure()
                        .filter(CloudException.Unauthorized.class::isInstance)
                        .isPresent());
        Files.copy(operatorToken, token, StandardCopyOption.REPLACE_EXISTING);
        polling().until(() -> inventory.lastFailure().isEmpty() && woken.contains(""));
    }

    private Guest seen(TestGuest guest) {
        return inventory.guest(guest.agent().toString()) instanceof Seen<Guest> sighting
                ? sighting.value()
                : new Guest("unseen", null, null, null, null, null, null, null, null);
    }

    private void deposit(TestGuest guest) {
        operator.deposit(guest.agent().toString(), guest.deposit(Instant.now().plus(Duration.ofMinutes(15))));
    }

    private static TestHttpClient caller() {
        return new TestHttpClient(companion.uri());
    }

    private static ConditionFactory polling() {
        return await().pollInterval(Duration.ofMillis(20));
    }
}
