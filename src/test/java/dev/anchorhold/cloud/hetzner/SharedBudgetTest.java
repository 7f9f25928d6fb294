package dev.anchorhold.cloud.hetzner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/** Many callers share one credential's rate budget, against a cloud that counts. */
class SharedBudgetTest {
    private record Waiter(int object, Instant wakes) {}

    @Test
    void F07_a_thousand_objects_after_an_exhausted_budget_are_all_served_and_the_cloud_refuses_one_call() {
        try (var world = new HetznerInventoryFixture()) {
            world.cloud.console().rateLimitLeft("default", 0);
            var waiting = new PriorityQueue<Waiter>(Comparator.comparing(Waiter::wakes));
            for (int object = 0; object < 1000; object++) waiting.add(new Waiter(object, world.clock.now()));
            int served = 0;
            while (!waiting.isEmpty()) {
                var next = waiting.poll();
                if (next.wakes.isAfter(world.clock.now())) {
                    world.clock.advance(Duration.between(world.clock.now(), next.wakes));
                }
                try {
                    world.client.getServer(Urgency.PROVISIONING, Purpose.LOOKUP, 1_000_000 + next.object);
                    served++;
                } catch (CloudException.RateLimited e) {
                    waiting.add(new Waiter(next.object, world.clock.now().plus(e.retryAfter())));
                }
            }
            assertThat(served).isEqualTo(1000);
            assertThat(world.cloud.requests().entries().stream().filter(request -> request.status() == 429))
                    .hasSize(1);
        }
    }

    @Test
    void what_the_inventory_needs_to_see_goes_on_while_provisioning_has_used_its_share() {
        try (var world = new HetznerInventoryFixture()) {
            world.passUntil(() -> !world.unknown("nobody"));
            world.cloud.console().rateLimitLeft("default", 200);
            world.pass(Duration.ofMinutes(10));
            assertThat(world.absent("nobody")).isTrue();
            assertThat(world.meters
                            .get("anchorhold.inventory.age.seconds")
                            .gauge()
                            .value())
                    .isLessThan(25);
        }
    }
}
