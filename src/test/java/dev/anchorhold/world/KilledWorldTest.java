package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.world.ControlPlane.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the next start stops what a killed JVM left running: such a JVM runs no shutdown hook. */
class KilledWorldTest {
    @TempDir
    Path siblings;

    private Path world;
    private KilledJvm killed;

    /** Runs in the JVM that is killed. */
    public static final class Owner {
        public static void main(String[] arguments) throws Exception {
            Path world = Path.of(arguments[0]);
            Files.writeString(
                    world.resolve("owner"),
                    Daemon.Identity.of(ProcessHandle.current()).toString());
            ControlPlane cluster = ControlPlane.start(world.resolve("kubernetes"), Storage.LASTING);
            cluster.kubectl("create", "namespace", "made-before-the-crash");
            KilledJvm.readyToDie(world);
        }
    }

    @BeforeEach
    void a_world_whose_owner_was_killed() throws IOException, InterruptedException {
        Assumptions.assumeTrue(ControlPlane.namedByUser().isEmpty(), "the user's own cluster is used");
        world = Files.createDirectory(siblings.resolve("world-1"));
        killed = KilledJvm.of(Owner.class, world);
    }

    @AfterEach
    void leave_nothing_behind() {
        killed.leaveNothingBehind();
    }

    @Test
    void the_next_start_in_its_folder_replaces_the_programs_and_keeps_the_data() {
        try (ControlPlane next = ControlPlane.start(world.resolve("kubernetes"), Storage.LASTING)) {
            assertThat(killed.orphans()).noneMatch(Daemon::runs);
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

        assertThat(killed.orphans()).noneMatch(Daemon::runs);
        assertThat(world).doesNotExist();
    }
}
