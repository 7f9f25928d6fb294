package dev.anchorhold.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guest program's own tests, which are written as it is, in Python: see src/test/python. */
class GuestProgramTest {

    @Test
    void its_own_tests_pass(@TempDir Path folder) throws Exception {
        var output = folder.resolve("output");
        var tests = new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "-s", "src/test/python")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(tests.waitFor(5, TimeUnit.MINUTES)).as("they end").isTrue();
            assertThat(tests.exitValue()).as(() -> read(output)).isZero();
            assertThat(Files.readString(output)).contains("\nOK");
        } finally {
            tests.descendants().forEach(ProcessHandle::destroyForcibly);
            tests.destroyForcibly();
        }
    }

    @Test
    void a_program_is_known_by_the_hash_of_its_bytes() {
        assertThat(GuestProgram.sha256("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(GuestProgram.text()).startsWith("#!/usr/bin/python3\n");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
