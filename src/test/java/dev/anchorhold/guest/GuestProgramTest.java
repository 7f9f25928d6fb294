package dev.anchorhold.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guest program's own tests, which are written as it is, in Python: see src/test/python. They find the program, put
 * together from its modules, in target/guest.py.
 */
class GuestProgramTest {
    /** Each test file is in one of them, and both take about as long. */
    private static final List<String> HALVES = List.of("test_k*.py", "test_[!k]*.py");

    @Test
    void its_own_tests_pass(@TempDir Path folder) throws Exception {
        Files.writeString(Path.of("target/guest.py"), GuestProgram.text());
        var runs = new ArrayList<Process>();
        try {
            for (int i = 0; i < HALVES.size(); i++) {
                runs.add(start(HALVES.get(i), folder.resolve("output-" + i)));
            }
            for (int i = 0; i < HALVES.size(); i++) {
                var output = folder.resolve("output-" + i);
                assertThat(runs.get(i).waitFor(5, TimeUnit.MINUTES))
                        .as("they end")
                        .isTrue();
                assertThat(runs.get(i).exitValue()).as(() -> read(output)).isZero();
                assertThat(Files.readString(output)).contains("\nOK").doesNotContain("Ran 0 tests");
            }
        } finally {
            for (var run : runs) {
                run.descendants().forEach(ProcessHandle::destroyForcibly);
                run.destroyForcibly();
            }
        }
    }

    @Test
    void a_program_is_known_by_the_hash_of_its_bytes() {
        assertThat(GuestProgram.sha256("abc"))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(GuestProgram.text()).startsWith("#!/usr/bin/python3\n");
    }

    private static Process start(String files, Path output) throws IOException {
        return new ProcessBuilder("python3", "-B", "-m", "unittest", "discover", "-s", "src/test/python", "-p", files)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
