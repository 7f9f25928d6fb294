package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code k8s-dev/prune-cache} takes what nobody needs any more, and nothing else. */
class PruneCacheTest {
    private static final Path SCRIPT = Programs.CHECKOUT.resolve("k8s-dev/prune-cache");

    @TempDir
    Path cache;

    @Test
    void what_no_checkout_used_for_a_month_goes() throws IOException {
        Path old = made("controlplane-old", Duration.ofDays(31));
        Path used = made("controlplane-used", Duration.ofDays(29));
        Path foreign = Files.createDirectory(cache.resolve("without-a-lock"));

        prune();

        assertThat(old).doesNotExist();
        assertThat(used).exists();
        assertThat(foreign).exists();
    }

    @Test
    void what_a_killed_build_left_goes_and_what_a_build_holds_stays() throws IOException, InterruptedException {
        made("image-a", Duration.ZERO);
        Path left = Files.createDirectory(cache.resolve("image-a.AbCdEf"));
        made("image-b", Duration.ofDays(31));
        Path held = Files.createDirectory(cache.resolve("image-b.AbCdEf"));
        Process build = new ProcessBuilder(
                        "flock", cache.resolve("image-b.lock").toString(), "sh", "-c", "echo held; cat")
                .start();
        try {
            assertThat(build.getInputStream().read()).isEqualTo('h');

            prune();

            assertThat(left).doesNotExist();
            assertThat(held).exists();
            assertThat(cache.resolve("image-b")).exists();
        } finally {
            build.getOutputStream().close();
            build.waitFor();
        }
    }

    @Test
    void what_a_process_runs_from_or_a_disk_lies_on_stays() throws IOException {
        Path program = Files.copy(
                Path.of("/bin/cat"), made("programs", Duration.ofDays(99)).resolve("cat"));
        Path image = made("image", Duration.ofDays(99));
        Path disk = Files.createFile(cache.resolve("disk.qcow2"));
        Files.createSymbolicLink(Files.createDirectory(image.resolve("disks")).resolve("1"), disk);
        Process running = new ProcessBuilder(program.toString()).start();
        try {
            prune();

            assertThat(program).exists();
            assertThat(image).exists();
        } finally {
            Daemon.end(running.toHandle(), Duration.ZERO);
        }
        Files.delete(disk);

        prune();

        assertThat(program).doesNotExist();
        assertThat(image).doesNotExist();
    }

    private Path made(String name, Duration ago) throws IOException {
        Path lock = Files.createFile(cache.resolve(name + ".lock"));
        Files.setLastModifiedTime(lock, FileTime.from(Instant.now().minus(ago)));
        return Files.createDirectory(cache.resolve(name));
    }

    private void prune() {
        ExternalProgram.of(SCRIPT)
                .environment("ANCHORHOLD_CACHE", cache.toString())
                .run();
    }
}
