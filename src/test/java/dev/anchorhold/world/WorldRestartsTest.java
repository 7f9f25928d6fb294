package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.world.World.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a world's processes that end by themselves, as {@code ./dev status} tells it. One world for all tests. */
class WorldRestartsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    static Path root;

    private static World world;
    private static DevCommand here;

    @BeforeAll
    static void a_world_that_this_jvm_runs() {
        Assumptions.assumeTrue(ControlPlane.namedByUser().isEmpty(), "the user's own cluster is used");
        WorldFolder folder = new WorldFolder(root);
        folder.take();
        world = new World(folder, System.out::println);
        here = new DevCommand(root);
        world.start(new Options(Optional.empty(), "schema", 10, Set.of(), Optional.empty()));
    }

    @AfterAll
    static void stop() {
        if (world != null) {
            world.close();
            assertThat(here.processes()).isEmpty();
        }
    }

    @Test
    void operator_and_companion_come_back_after_a_growing_delay_and_status_says_why() {
        for (int seconds : List.of(1, 2, 4)) {
            long operator = pid("operator");
            long companion = pid("companion");
            Instant killed = Instant.now();
            kill9(operator);
            kill9(companion);

            awaitOther("operator", operator);
            awaitOther("companion", companion);

            assertThat(Duration.between(killed, Instant.now())).isGreaterThanOrEqualTo(Duration.ofSeconds(seconds));
        }
        awaitWell();
        assertThat(here.java("status").assertSuccess().output())
                .containsPattern("operator: restarts [3-9], ended at .* \\(by signal 9 SIGKILL\\), runs again")
                .containsPattern("companion: restarts [3-9], ended at .* \\(by signal 9 SIGKILL\\), runs again");
    }

    @Test
    void an_operator_that_lost_its_lease_comes_back() {
        awaitWell();
        long before = pid("operator");
        kubectl(
                "patch",
                "lease/anchorhold-operator",
                "--namespace=" + Chart.NAMESPACE,
                "--type=merge",
                "--patch={\"spec\": {\"holderIdentity\": \"a-second-operator\", \"renewTime\": \"%s\"}}"
                        .formatted(Instant.now().plusSeconds(5).toString().replaceAll("(\\.\\d{6})\\d*Z", "$1Z")));

        awaitOther("operator", before);

        assertThat(here.java("status").output()).contains("exit code 1: ", "the Lease is lost: ending");
        awaitWell();
    }

    @Test
    void up_mends_a_world_with_dead_parts() {
        awaitWell();
        List<Long> victims = List.of(
                pid("kubernetes/etcd"),
                pid("kubernetes/kube-apiserver"),
                pid("kubernetes/kube-controller-manager"),
                pid("operator"),
                pid("companion"),
                postmaster());
        victims.forEach(WorldRestartsTest::kill9);
        assertThat(here.java("status")).satisfies(it -> {
            assertThat(it.code()).isNotZero();
            assertThat(it.output()).contains(" ILL ");
        });

        DevCommand.Ended up = here.java("up", "--detach");

        assertThat(up.assertSuccess().output()).contains("Mending it").doesNotContain("running already");
        assertThat(here.java("status").assertSuccess().output()).doesNotContain(" ILL ");
        assertThat(victims)
                .noneMatch(it -> ProcessHandle.of(it).filter(Daemon::runs).isPresent());
        assertThat(kubectl("get", "accounts", "-o", "name"))
                .as("what etcd knew")
                .contains("acme");
        assertThat(here.java("up", "--detach").assertSuccess().output()).contains("running already");
    }

    private static String kubectl(String... arguments) {
        return ExternalProgram.of(Programs.find("kubectl"), arguments)
                .environment(
                        "KUBECONFIG",
                        root.resolve("kubernetes/admin.kubeconfig").toString())
                .run();
    }

    private static void awaitWell() {
        await().atMost(PATIENCE).until(() -> here.java("status").code() == 0);
    }

    private static void awaitOther(String process, long than) {
        await(process + " runs again").atMost(PATIENCE).until(() -> isAnother(process, than));
    }

    private static boolean isAnother(String process, long than) {
        return Daemon.Identity.read(pidFile(process))
                .filter(it -> it.pid() != than && it.running().isPresent())
                .isPresent();
    }

    private static long pid(String process) {
        return Daemon.Identity.read(pidFile(process)).orElseThrow().pid();
    }

    /** @param process with its part's folder where that is not of its name */
    private static Path pidFile(String process) {
        return root.resolve((process.contains("/") ? process : process + "/" + process) + ".pid");
    }

    private static long postmaster() {
        try {
            return Long.parseLong(Files.readAllLines(root.resolve("postgres/data/postmaster.pid"))
                    .getFirst()
                    .strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void kill9(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }
}
