package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that Redis keeps its data over restarts and kills. */
class RedisTest {
    @TempDir
    Path folder;

    /** Runs in the JVM that is killed. */
    public static final class Owner {
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            Redis.start(folder, Ports.free()).answers("SET kept 42");
            KilledJvm.readyToDie(folder);
        }
    }

    @Test
    void it_keeps_its_data_over_a_restart() {
        try (Redis redis = Redis.start(folder, Ports.free())) {
            assertThat(redis.answers("SET kept 41")).isEqualTo("+OK");
            assertThat(redis.health().healthy()).isTrue();
        }
        try (Redis redis = Redis.start(folder, Ports.free())) {
            assertThat(redis.answers("INCR kept")).isEqualTo(":42");
        }
    }

    @Test
    void a_server_that_a_killed_jvm_left_running_is_stopped_and_its_data_kept()
            throws IOException, InterruptedException {
        KilledJvm killed = KilledJvm.of(Owner.class, folder);
        try (Redis redis = Redis.start(folder, Ports.free())) {
            assertThat(killed.orphans()).noneMatch(Daemon::runs);
            assertThat(redis.answers("INCR kept")).isEqualTo(":43");
        } finally {
            killed.leaveNothingBehind();
        }
    }
}
