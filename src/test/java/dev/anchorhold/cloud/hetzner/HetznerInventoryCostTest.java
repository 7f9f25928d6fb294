package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What knowing costs, in calls, and how late it knows. */
class HetznerInventoryCostTest {

    @Test
    void F08_calls_per_hour_in_a_steady_state_do_not_grow_with_the_fleet_but_for_the_backstop() {
        assertThat(callsInASteadyHour(10, 0)).isEqualTo(Map.of("feed", 360, "backstop", 3));
        assertThat(callsInASteadyHour(1000, 0)).isEqualTo(Map.of("feed", 360, "backstop", 41));
    }

    @Test
    void F08_volumes_cost_a_feed_of_their_own_once_there_is_one_however_many_there_are() {
        assertThat(callsInASteadyHour(0, 1)).isEqualTo(Map.of("feed", 540, "backstop", 3));
        assertThat(callsInASteadyHour(0, 1000)).isEqualTo(Map.of("feed", 540, "backstop", 22));
    }

    private static Map<String, Integer> callsInASteadyHour(int servers, int volumes) {
        try (var world = new HetznerInventoryFixture(options -> options.noRateLimit())) {
            for (int i = 0; i < servers; i++) world.createServerUntold("vm" + i);
            for (int i = 0; i < volumes; i++) world.createVolumeUntold("vm" + i);
            world.passUntil(() -> !world.unknown("nobody"));
            world.pass(Duration.ofMinutes(10));
            return world.time().callsInAnHour(world.meters);
        }
    }

    /** The inventory knows nothing of durations at first, as after a first start; then it has learned them. */
    @ParameterizedTest
    @CsvSource({"100, 100, 60, 60, 6", "100, 10, 60, 60, 6", "1, 1, 25, 10, 6"})
    void many_servers_created_at_once_cost_less_than_one_read_each(
            int count, int perSecond, int mostReadsAtFirst, int mostReadsThen, int meanSecondsLate) {
        try (var world = new HetznerInventoryFixture(options -> options.noRateLimit())) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.debian();
            var first = burst(world, "first", count, perSecond);
            assertThat(first.reads).isLessThanOrEqualTo(mostReadsAtFirst);
            assertThat(first.meanLate).isLessThan(Duration.ofSeconds(meanSecondsLate));
            world.pass(Duration.ofMinutes(5));
            var then = burst(world, "then", count, perSecond);
            assertThat(then.reads).isLessThanOrEqualTo(mostReadsThen);
            assertThat(then.meanLate).isLessThan(Duration.ofSeconds(meanSecondsLate));
        }
    }

    /** {@code meanLate}: from a server's last action having ended to our having read it running. */
    private record Cost(long reads, Duration meanLate) {}

    private static Cost burst(HetznerInventoryFixture world, String name, int count, int perSecond) {
        world.cloud.requests().reset();
        var waiting = new ArrayList<String>();
        var late = new ArrayList<Duration>();
        for (var uid : IntStream.range(0, count).mapToObj(i -> name + i).toList()) {
            world.createServer(uid);
            waiting.add(uid);
            world.pass(Duration.ofMillis(1000 / perSecond));
            takeReady(world, waiting, late);
        }
        world.passUntil(() -> {
            takeReady(world, waiting, late);
            return waiting.isEmpty();
        });
        var reads = world.reads();
        long all = reads.values().stream().mapToLong(n -> n).sum();
        var mean = Duration.ofMillis(
                (long) late.stream().mapToLong(Duration::toMillis).average().orElseThrow());
        System.out.printf(
                "%d servers, %d a second, %s: %d reads, known %d ms late; %s%n",
                count, perSecond, name, all, mean.toMillis(), reads);
        return new Cost(all, mean);
    }

    private static void takeReady(HetznerInventoryFixture world, List<String> waiting, List<Duration> late) {
        waiting.removeIf(uid -> {
            if (!world.ready(uid)) return false;
            late.add(Duration.between(lastEnd(world, world.server(uid).id()), world.clock.now()));
            return true;
        });
    }

    private static Instant lastEnd(HetznerInventoryFixture world, long server) {
        var last = Instant.MIN;
        for (var action : world.cloud
                .console()
                .act("GET", "/servers/%d/actions".formatted(server), null)
                .get("actions")) {
            var end = OffsetDateTime.parse(action.get("finished").asText()).toInstant();
            if (end.isAfter(last)) last = end;
        }
        return last;
    }
}
