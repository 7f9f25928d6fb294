package dev.anchorhold.sim.hetzner;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * How long each command's actions take, in the simulator's time, before the speed factor. The defaults are what people
 * report of the real cloud (providers.md A.4). {@code guest_shutdown} is the time from a pressed power button to
 * {@code off}.
 */
final class CommandDurations {
    private record Range(Duration min, Duration max) {}

    private final Map<String, Range> ranges = new HashMap<>();
    private final Random jitter;
    private final double speed;

    CommandDurations(Map<String, Duration> fixed, double speed, long seed) {
        this.speed = speed;
        this.jitter = new Random(seed);
        range("create_server", 10, 20);
        range("start_server", 2, 5);
        range("stop_server", 1, 3);
        range("shutdown_server", 1, 2);
        range("guest_shutdown", 3, 10);
        range("reboot_server", 1, 3);
        range("reset_server", 1, 3);
        range("delete_server", 8, 15);
        range("rebuild_server", 15, 30);
        range("change_server_type", 120, 180);
        range("create_image", 20, 60);
        range("create_volume", 1, 3);
        range("attach_volume", 1, 5);
        range("detach_volume", 1, 5);
        range("resize_volume", 1, 3);
        range("apply_firewall", 1, 3);
        range("remove_firewall", 1, 3);
        range("set_firewall_rules", 1, 2);
        range("selector_propagation", 2, 4);
        fixed.forEach((command, duration) -> ranges.put(command, new Range(duration, duration)));
    }

    private void range(String command, int minSeconds, int maxSeconds) {
        ranges.put(command, new Range(Duration.ofSeconds(minSeconds), Duration.ofSeconds(maxSeconds)));
    }

    void set(String command, Duration min, Duration max) {
        ranges.put(command, new Range(min, max));
    }

    /** The time that this run of the command takes, already divided by the speed. */
    Duration of(String command) {
        Range range = ranges.getOrDefault(command, new Range(Duration.ofSeconds(1), Duration.ofSeconds(2)));
        long span = range.max().toMillis() - range.min().toMillis();
        long millis = range.min().toMillis() + (span > 0 ? jitter.nextLong(span + 1) : 0);
        return scaled(Duration.ofMillis(millis));
    }

    Duration scaled(Duration duration) {
        return Duration.ofMillis((long) (duration.toMillis() / speed));
    }
}
