package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that programs are started, found by their pid files, and ended. */
class DaemonTest {
    @TempDir
    Path folder;

    @Test
    void what_was_left_running_is_found_by_its_pid_file_and_stopped() {
        Daemon daemon = start("sleep 60");

        assertThat(Daemon.stopLeftovers(folder)).containsExactly("some");

        assertThat(daemon.isAlive()).isFalse();
        assertThat(folder.resolve("some.pid")).doesNotExist();
    }

    @Test
    void one_that_does_not_listen_to_a_request_to_end_is_ended() {
        Daemon daemon = start("trap '' TERM; echo deaf; while :; do sleep 0.1; done");
        daemon.await("deaf", Duration.ofSeconds(10), () -> contains(daemon.log(), "deaf"));

        assertThat(Daemon.stopLeftovers(folder)).containsExactly("some");

        assertThat(daemon.isAlive()).isFalse();
    }

    @Test
    void a_process_number_that_somebody_else_has_by_now_is_left_alone() throws IOException {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Files.writeString(folder.resolve("some.pid"), stranger.pid() + " 2001-01-01T00:00:00Z");

            assertThat(Daemon.stopLeftovers(folder)).isEmpty();

            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void one_that_dies_while_starting_is_reported_with_its_last_words() {
        Daemon daemon = start("echo no such luck; exit 3");

        assertThatThrownBy(() -> daemon.await("ready", Duration.ofSeconds(10), () -> false))
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("no such luck");
    }

    private Daemon start(String script) {
        return Daemon.start("some", folder, Map.of(), List.of("/bin/sh", "-c", script));
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException _) {
            return false;
        }
    }
}
