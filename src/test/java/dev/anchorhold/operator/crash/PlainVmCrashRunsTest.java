package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.world.OperatorProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of the packaged operator at random instants, again and again, while VMs are made, changed, stopped and deleted without a
 * pause. {@code -Dcrash.runs=200 -Dcrash.seed=7} for more kills, or the same ones again.
 */
@Tag("slow")
class PlainVmCrashRunsTest {
    private static final int RUNS = Integer.getInteger("crash.runs", 60);
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
    private static final int VMS = 8; // in each of two accounts
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(4);
    private static final Duration TO_CONVERGE = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final List<TestEnvironment> stages =
            List.of(new TestEnvironment(roomy(), Firewalls.PerVm), new TestEnvironment(roomy(), Firewalls.ByContent));
    private final Random random = new Random(SEED);
    private OperatorProcess operator;

    private static HetznerOptions roomy() {
        return TestEnvironment.quick().rateLimit(100_000, 100);
    }

    @AfterEach
    void close() {
        operator.close();
        stages.forEach(TestEnvironment::close);
    }

    @Test
    void F01_after_many_kills_there_are_no_orphans_and_no_doubles_and_everything_converges() throws Exception {
        Instant began = Instant.now();
        System.out.printf("crash runs: %d, seed %d%n", RUNS, SEED);
        operator = OperatorProcess.start(new OperatorProcess.Settings(
                folder,
                TestEnvironment.chart().operatorKubeconfig(),
                Map.of("ANCHORHOLD_INSTALLATION", stages.getFirst().id)));
        var doubles = new ArrayList<String>();
        for (int run = 0; run < RUNS; run++) {
            long life = random.nextLong(LONGEST_LIFE.toMillis());
            for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(life); System.nanoTime() < end; ) {
                somebodyWantsSomething();
            }
            operator.kill9();
            stages.forEach(testEnvironment -> doubles.addAll(doublesIn(testEnvironment)));
            operator.restart();
        }
        operator.awaitReady();
        var stuck = stages.stream().flatMap(this::notConverged).toList();
        stages.forEach(testEnvironment -> testEnvironment
                .kubernetes
                .resources(PlainVm.class)
                .inNamespace(testEnvironment.namespace)
                .delete());
        var undeleted = stages.stream().flatMap(this::notGone).toList();
        var orphans = stages.stream().flatMap(PlainVmCrashRunsTest::left).toList();
        System.out.printf(
                "crash runs: %d kills, %d orphans, %d doubles, %d not converged, %d not deleted; seed %d, %d s%n",
                RUNS,
                orphans.size(),
                doubles.size(),
                stuck.size(),
                undeleted.size(),
                SEED,
                Duration.between(began, Instant.now()).toSeconds());
        assertThat(stuck).as("not converged").isEmpty();
        assertThat(undeleted).as("not deleted").isEmpty();
        assertThat(doubles).as("doubles").isEmpty();
        assertThat(orphans).as("orphans").isEmpty();
    }

    /** One wish of one person: a VM made or changed, mostly; sometimes deleted. */
    private void somebodyWantsSomething() {
        var testEnvironment = stages.get(random.nextInt(stages.size()));
        String name = "vm-" + random.nextInt(VMS);
        if (random.nextInt(4) == 0) {
            testEnvironment.vm(name).delete();
            return;
        }
        var vm = testEnvironment.vm(name).get();
        if (vm != null && vm.getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        testEnvironment.apply(
                name,
                "operatingMode: " + (random.nextInt(3) == 0 ? "Stopped" : "Running"),
                "firewall: {inbound: [{protocol: tcp, port: '%d', sources: ['0.0.0.0/0']}]}"
                        .formatted(80 + random.nextInt(3)));
    }

    private static List<String> doublesIn(TestEnvironment testEnvironment) {
        var hetznerProjectContents = new HetznerProjectContents(testEnvironment);
        return Stream.of(hetznerProjectContents.servers(Ownership.UID), hetznerProjectContents.firewalls(Ownership.UID))
                .flatMap(things -> things.stream()
                        .collect(Collectors.groupingBy(
                                it -> it.at("/labels").get(Ownership.UID).asText()))
                        .values()
                        .stream()
                        .filter(same -> same.size() > 1)
                        .map(same -> HetznerProjectContents.names(same).toString()))
                .toList();
    }

    private Stream<String> notConverged(TestEnvironment testEnvironment) {
        return waitUntilNone(() -> IntStream.range(0, VMS)
                .mapToObj(i -> testEnvironment.vm("vm-" + i).get())
                .filter(vm -> vm != null && !converged(vm))
                .map(vm -> vm.getMetadata().getName() + " " + TestEnvironment.ready(vm)));
    }

    private static boolean converged(PlainVm vm) {
        var ready = TestEnvironment.ready(vm);
        String wanted = vm.getSpec().operatingMode() == dev.anchorhold.resource.PlainVmSpec.OperatingMode.Running
                ? Reasons.RUNNING
                : Reasons.STOPPED;
        return vm.getMetadata().getDeletionTimestamp() == null
                && ready != null
                && ready.holds()
                && ready.reason().equals(wanted)
                && ready.observedGeneration().equals(vm.getMetadata().getGeneration());
    }

    private Stream<String> notGone(TestEnvironment testEnvironment) {
        return waitUntilNone(() ->
                testEnvironment
                        .kubernetes
                        .resources(PlainVm.class)
                        .inNamespace(testEnvironment.namespace)
                        .list()
                        .getItems()
                        .stream()
                        .map(vm -> vm.getMetadata().getName() + " " + TestEnvironment.ready(vm)));
    }

    private static Stream<String> left(TestEnvironment testEnvironment) {
        var hetznerProjectContents = new HetznerProjectContents(testEnvironment);
        return Stream.of(
                        hetznerProjectContents.servers(""),
                        hetznerProjectContents.firewalls(""),
                        hetznerProjectContents.addresses())
                .flatMap(things -> HetznerProjectContents.names(things).stream());
    }

    /** What is still there when the patience is over. */
    private static Stream<String> waitUntilNone(java.util.function.Supplier<Stream<String>> what) {
        try {
            await().atMost(TO_CONVERGE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> what.get().findAny().isEmpty());
            return Stream.empty();
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            return what.get();
        }
    }
}
