package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one door, used as people use it, on a world of its own. Only the building is left out. */
@Tag("slow")
class DevTest {
    private static final List<String> UP = List.of("up", "--detach", "--guests=schema", "--speed=10");

    @TempDir
    Path world;

    @AfterEach
    void leave_nothing_behind() throws IOException, InterruptedException {
        java("reset");
    }

    @Test
    void a_server_is_a_manifest_away_and_nothing_runs_on_after_down() throws IOException, InterruptedException {
        assertThat(java("status")).isEqualTo(new Ended(1, "It is not running. Start it: ./dev up --detach\n"));

        assertThat(java(UP))
                .satisfies(Ended::well)
                .extracting(Ended::output)
                .asString()
                .contains("Usable after");

        assertThat(java("status"))
                .satisfies(Ended::well)
                .extracting(Ended::output)
                .asString()
                .doesNotContain("ILL");
        applySample();
        assertThat(dev("hcloud", "server", "list").output()).contains("web-").contains("running");
        assertThat(dev("env").output()).contains("export KUBECONFIG='" + world);

        assertThat(java("down")).satisfies(Ended::well);
        assertThat(processes()).isEmpty();
        assertThat(dev("kubectl", "get", "pods").code()).isNotZero();
    }

    @Test
    void a_killed_world_comes_back_with_all_it_knew() throws IOException, InterruptedException {
        assertThat(java(UP)).satisfies(Ended::well);
        applySample();
        List<ProcessHandle> before = processes();

        new WorldFolder(world).owner().orElseThrow().destroyForcibly();

        assertThat(java(UP))
                .satisfies(Ended::well)
                .extracting(Ended::output)
                .asString()
                .contains("Stopped etcd");
        assertThat(before).noneMatch(Daemon::runs);
        assertThat(dev("kubectl", "wait", "--for=condition=Ready", "plainvm/web", "--timeout=60s"))
                .satisfies(Ended::well);
        assertThat(dev("hcloud", "server", "list").output()).containsOnlyOnce("web-");

        assertThat(java("reset")).satisfies(Ended::well);
        assertThat(world).doesNotExist();
        assertThat(processes()).isEmpty();
    }

    private void applySample() throws IOException, InterruptedException {
        assertThat(dev("kubectl", "apply", "--filename=k8s-dev/samples/plainvm.yaml"))
                .satisfies(Ended::well);
        assertThat(dev("kubectl", "wait", "--for=condition=Ready", "plainvm/web", "--timeout=60s"))
                .satisfies(Ended::well);
    }

    /** All processes of this world: its folder is in the command line of each. */
    private List<ProcessHandle> processes() {
        return ProcessHandle.allProcesses()
                .filter(it -> it.info().commandLine().orElse("").contains(world.toString()))
                .filter(Daemon::runs)
                .toList();
    }

    private record Ended(int code, String output) {
        void well() {
            assertThat(code).as(output).isZero();
        }
    }

    private Ended dev(String... arguments) throws IOException, InterruptedException {
        return run("./dev", arguments);
    }

    /** What the script does for verbs that are written in Java, without its building. */
    private Ended java(List<String> arguments) throws IOException, InterruptedException {
        return java(arguments.toArray(String[]::new));
    }

    private Ended java(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Dev.class.getName()));
        command.addAll(List.of(arguments));
        return run(ProcessHandle.current().info().command().orElseThrow(), command.toArray(String[]::new));
    }

    private Ended run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("ANCHORHOLD_WORLD", world.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), output);
    }
}
