package dev.anchorhold.operator.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.world.OperatorProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Holds requests while the operator is killed, and then lets each have another outcome. */
final class CrashPoint {
    private CrashPoint() {}

    /** Prints what the operator logged last, when a test has failed: its folder goes with the test. */
    static void tell(ExtensionContext test, OperatorProcess operator) throws IOException {
        if (test.getExecutionException().isPresent() && Files.exists(operator.log())) {
            List<String> lines = Files.readAllLines(operator.log());
            System.out.printf(
                    "The operator's last lines, %s:%n%s%n",
                    operator.isAlive() ? "which runs" : "which has ended",
                    String.join("\n", lines.subList(Math.max(0, lines.size() - 150), lines.size())));
        }
    }

    /** The next three such requests. One will never be done, one is done after its sender's death, one was done before it. */
    static List<Hold> hold(Faults cloud, String method, String path) {
        return List.of(
                cloud.hold(method, path, When.BEFORE_COMMIT),
                cloud.hold(method, path, When.BEFORE_COMMIT),
                cloud.hold(method, path, When.AFTER_COMMIT));
    }

    /** All are reached; then the second goes on, after its sender's death, and the others never do. */
    static void kill(OperatorProcess operator, String what, List<Hold> holds) {
        for (int i = 0; i < holds.size(); i++) {
            assertThat(holds.get(i).awaitHeld()).as("%s, %d", what, i).isTrue();
        }
        operator.kill9();
        for (int i = 0; i < holds.size(); i++) {
            if (i == 1) {
                holds.get(i).release();
            } else {
                holds.get(i).drop();
            }
        }
        operator.restart();
        operator.awaitReady(); // if it ends while it starts, it is started again, as a cluster would
    }
}
