package dev.anchorhold.sim.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Checks for programs that a test needs: without them it is skipped on a developer's machine, and fails where CI is
 * set.
 */
public final class Prerequisites {
    private Prerequisites() {}

    /** @param otherwise what is missing, and where to get it */
    public static void require(boolean present, String otherwise) {
        if (System.getenv("CI") != null) assertThat(present).as(otherwise).isTrue();
        else Assumptions.assumeTrue(present, otherwise);
    }

    public static boolean onPath(String program) {
        for (String directory : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(directory, program))) return true;
        }
        return false;
    }
}
