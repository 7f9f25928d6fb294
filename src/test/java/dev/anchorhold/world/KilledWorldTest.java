package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.world.ControlPlane.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that was killed outright runs no shutdown hook: what it started stays. The next start must clear it away. */
class KilledWorldTest {
    @TempDir
    Path siblings;

    private Process owner;
    private Path world;
    private List<ProcessHandle> orphans;

    /** Runs in the JVM that is killed. */
    public static final class Owner {
        public static void main(String[] arguments) throws Exception {
            Path world = Path.of(arguments[0]);
            Files.createDirectories(world);
            Files.writeString(
                    world.resolve("owner"),
                    Daemon.Identity.of(ProcessHandle.current()).toString());
            ControlPlane cluster = ControlPlane.start(world.resolve("kubernetes"), Storage.LASTING);
            cluster.kubectl("create", "namespace", "made-before-the-crash");
            Files.createFile(world.resolve("ready"));
            Thread.currentThread().join();
        }
    }

    @BeforeEach
    void a_world_whose_owner_was_killed() throws IOException, InterruptedException {
        Assumptions.assumeTrue(ControlPlane.namedByUser().isEmpty(), "the user's own cluster is used");
        Programs.find("kube-apiserver");
        world = siblings.resolve("world-1");
        owner = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Owner.class.getName(),
                        world.toString())
                .inheritIO()
                .start();
        await().atMost(Duration.ofSeconds(90)).until(() -> Files.exists(world.resolve("ready")) || !owner.isAlive());
        orphans = owner.descendants().toList();
        owner.destroyForcibly().waitFor();
        assertThat(orphans)
                .as("what outlives the killed JVM")
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(ProcessHandle::isAlive);
    }

    @AfterEach
    void leave_nothing_behind() {
        owner.destroyForcibly();
        orphans.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void the_next_start_in_its_folder_replaces_the_programs_and_keeps_the_data() {
        try (ControlPlane next = ControlPlane.start(world.resolve("kubernetes"), Storage.LASTING)) {
            assertThat(orphans).noneMatch(ProcessHandle::isAlive);
            assertThat(next.client()
                            .namespaces()
                            .withName("made-before-the-crash")
                            .get())
                    .isNotNull();
        }
    }

    @Test
    void the_next_throwaway_world_stops_its_programs_and_removes_its_folder() throws IOException {
        ThrowawayFolder.sweep(siblings);

        assertThat(orphans).noneMatch(ProcessHandle::isAlive);
        assertThat(world).doesNotExist();
    }
}
