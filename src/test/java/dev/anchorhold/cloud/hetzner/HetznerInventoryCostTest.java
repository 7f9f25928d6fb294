package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.cloud.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Measures the inventory's calls per hour, and its delay. */
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
            for (int i = 0; i < servers; i++) world.createServerUnrecorded("vm" + i);
            for (int i = 0; i < volumes; i++) world.createVolumeUnrecorded("vm" + i);
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

    /** Whatever the cloud's own pace is: it is learned, and nobody waits much longer than the cloud itself takes (12 to 25 s at speed 1). */
    @ParameterizedTest
    @CsvSource({"0.2, 65, 8", "1, 65, 1.5", "5, 65, 1"})
    void the_ends_of_many_are_known_soon_at_any_pace_of_the_cloud(double speed, int mostReads, double secondsLate) {
        try (var world =
                new HetznerInventoryFixture(options -> options.noRateLimit().speed(speed))) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.debian();
            for (var name : List.of("first", "then")) {
                var cost = burst(world, name, 100, 20);
                assertThat(cost.reads).as(name).isLessThanOrEqualTo(mostReads + (speed < 1 ? feedReads(world) : 0));
                assertThat(cost.meanLate).as(name).isLessThan(Duration.ofMillis((long) (secondsLate * 1e3)));
                world.pass(Duration.ofMinutes(5));
            }
        }
    }

    private static long feedReads(HetznerInventoryFixture world) {
        return world.cloud.requests().entries().stream()
                .filter(request -> request.query() != null && request.query().contains("started"))
                .count();
    }

    @Test
    void many_actions_that_hang_are_asked_for_ever_more_rarely() {
        try (var world = new HetznerInventoryFixture(options -> options.noRateLimit())) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.createServer("usual");
            world.passUntil(() -> world.ready("usual"));
            world.cloud.console().stickActions("start_server", 40);
            for (int i = 0; i < 40; i++) world.createServer("hangs" + i);
            world.pass(Duration.ofMinutes(10));
            world.meters.clear();
            world.pass(Duration.ofMinutes(10));
            assertThat(world.meters.get("anchorhold.cloud.calls").tag("purpose", "actions").counters().stream()
                            .mapToDouble(counter -> counter.count())
                            .sum())
                    .as("two calls by ids, or one list, each half minute at most")
                    .isLessThanOrEqualTo(20 * (4 + 1));
        }
    }

    @Test
    void where_the_list_of_what_ended_is_refused_many_are_asked_for_by_their_ids() {
        try (var world = new HetznerInventoryFixture(options -> options.noRateLimit())) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.createServer("usual");
            world.passUntil(() -> world.ready("usual"));
            var refused = new Faults.Fail(422, "invalid_input", "finished is not a valid order");
            world.cloud.faults().add("GET", "/servers/actions", 10_000, refused);
            var many = IntStream.range(0, 60).mapToObj(i -> "vm" + i).toList();
            many.forEach(world::createServer);
            assertThat(world.passUntil(() -> many.stream().allMatch(world::ready)))
                    .isLessThan(Duration.ofMinutes(2));
        }
    }

    @Test
    void what_others_do_in_the_project_does_not_hide_the_ends_of_ours() {
        try (var world = new HetznerInventoryFixture(options -> options.noRateLimit())) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.createServer("usual");
            world.passUntil(() -> world.ready("usual"));
            var many = IntStream.range(0, 60).mapToObj(i -> "vm" + i).toList();
            many.forEach(world::createServer);
            for (int i = 0; i < 60; i++) {
                world.cloud.console().act("POST", "/servers", """
                    {"name": "stranger-%d", "server_type": "cx23", "image": "debian-12", "location": "hel1"}""".formatted(i));
            }
            assertThat(world.passUntil(() -> many.stream().allMatch(world::ready)))
                    .isLessThan(Duration.ofMinutes(1));
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
            late.add(Duration.between(
                    world.cloud.console().lastEnd(world.server(uid).id()), world.clock.now()));
            return true;
        });
    }
}
