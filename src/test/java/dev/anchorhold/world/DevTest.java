package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code ./dev} as people use it, on a world of its own. */
@Tag("slow")
class DevTest {
    private static final String[] UP = {"up", "--detach", "--guests=schema", "--speed=10"};

    @TempDir
    Path world;

    private DevCommand here;

    @BeforeEach
    void a_folder_of_its_own() {
        here = new DevCommand(world);
    }

    @AfterEach
    void leave_nothing_behind() {
        here.java("reset");
    }

    @Test
    void H32_a_server_is_a_manifest_away_and_nothing_runs_on_after_down() {
        assertThat(here.java("status"))
                .isEqualTo(new DevCommand.Ended(1, "It is not running. Start it: ./dev up --detach\n"));

        assertThat(here.java(UP))
                .satisfies(DevCommand.Ended::assertSuccess)
                .extracting(DevCommand.Ended::output)
                .asString()
                .contains("Usable after");

        assertThat(here.java("status"))
                .satisfies(DevCommand.Ended::assertSuccess)
                .extracting(DevCommand.Ended::output)
                .asString()
                .doesNotContain("ILL")
                .contains("connectors at 127.0.0.1:"); // H32
        applySample();
        assertThat(here.dev("hcloud", "server", "list").output())
                .contains("web-")
                .contains("running");
        assertThat(here.dev("env").output())
                .contains("export KUBECONFIG='" + world)
                .containsPattern("export HETZNER_ENDPOINT='http://127.0.0.1:\\d+/v1'") // H30
                .containsPattern("export ANCHORHOLD_EDGE_CONNECTORS='127.0.0.1:\\d+'") // H32
                .contains("export ANCHORHOLD_SPEED='10.0'");

        assertThat(here.java("down")).satisfies(DevCommand.Ended::assertSuccess);
        assertThat(here.processes()).isEmpty();
        assertThat(here.dev("kubectl", "get", "pods").code()).isNotZero();
    }

    @Test
    void a_killed_world_comes_back_with_all_it_knew() {
        assertThat(here.java(UP)).satisfies(DevCommand.Ended::assertSuccess);
        applySample();
        List<ProcessHandle> before = here.processes();

        new WorldFolder(world).owner().orElseThrow().destroyForcibly();

        assertThat(here.java(UP))
                .satisfies(DevCommand.Ended::assertSuccess)
                .extracting(DevCommand.Ended::output)
                .asString()
                .contains("Stopped etcd");
        assertThat(before).noneMatch(Daemon::runs);
        assertThat(here.dev("kubectl", "wait", "--for=condition=Ready", "plainvm/web", "--timeout=60s"))
                .satisfies(DevCommand.Ended::assertSuccess);
        assertThat(here.dev("hcloud", "server", "list").output()).containsOnlyOnce("web-");

        assertThat(here.java("reset")).satisfies(DevCommand.Ended::assertSuccess);
        assertThat(world).doesNotExist();
        assertThat(here.processes()).isEmpty();
    }

    private void applySample() {
        assertThat(here.dev("kubectl", "apply", "--filename=k8s-dev/samples/plainvm.yaml"))
                .satisfies(DevCommand.Ended::assertSuccess);
        assertThat(here.dev("kubectl", "wait", "--for=condition=Ready", "plainvm/web", "--timeout=60s"))
                .satisfies(DevCommand.Ended::assertSuccess);
    }
}
