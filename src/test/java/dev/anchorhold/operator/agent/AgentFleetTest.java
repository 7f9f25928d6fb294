package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.RequestLog;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Counts the calls of a fleet of Agents: while it is made, when an image is published, and while it is deleted. */
@Tag("slow")
class AgentFleetTest {
    private static final int AGENTS = Integer.getInteger("fleet.agents", 100);
    /** As in {@code ApiCallCountTest}: slow enough that many actions run at once, as at the real pace. */
    private static final double SPEED = 2;

    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** But for the feeds: in the time that a test has, there should be some. */
    private static final InventorySettings AS_IN_PRODUCTION = new InventorySettings(
            Duration.ofSeconds(5),
            InventorySettings.DEFAULT.relistInterval(),
            InventorySettings.DEFAULT.maxAge(),
            InventorySettings.DEFAULT.settleTime(),
            InventorySettings.DEFAULT.coalesceDelay(),
            InventorySettings.DEFAULT.slowInterval());

    /** What is asked however quiet it is, at an interval of its own. */
    private static final Set<String> ROUTINE = Set.of(
            "GET /servers/actions",
            "GET /firewalls/actions",
            "GET /volumes/actions",
            "GET /accounts/{account_id}/cfd_tunnel",
            "GET /accounts/{account_id}/cfd_tunnel/{tunnel_id}/configurations",
            "GET /zones/{zone_id}/dns_records");

    @Test
    void F08_an_agent_costs_five_writes_and_hardly_a_read_and_a_new_image_costs_none() {
        try (var stage = new AgentTestEnvironment(TestEnvironment.quick().speed(SPEED), Duration.ofSeconds(20))) {
            var operator = stage.testEnvironment.operator(AS_IN_PRODUCTION);
            stage.apply("early");
            stage.awaitReady("early");
            var hetzner = stage.testEnvironment.cloud.requests();
            var cloudflare = stage.edge.requests();
            hetzner.reset();
            cloudflare.reset();

            IntStream.range(0, AGENTS).parallel().forEach(i -> stage.apply("agent-" + i));
            await("all to be Ready")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptions()
                    .until(() -> withCondition(stage, Reasons.READY, Condition.Status.True) == AGENTS + 1);
            assertThat(hetzner.writes())
                    .as("a volume and a server each: %s", hetzner.counts())
                    .isEqualTo(2 * AGENTS);
            assertThat(cloudflare.writes())
                    .as("a tunnel, its configuration and a record each: %s", cloudflare.counts())
                    .isEqualTo(3 * AGENTS);
            assertThat(reads(hetzner)).as("%s", hetzner.counts()).isLessThan(AGENTS);
            assertThat(reads(cloudflare)).as("%s", cloudflare.counts()).isLessThan(AGENTS);

            await("the last news to be read")
                    .during(Duration.ofSeconds(3))
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptions()
                    .until(() -> {
                        boolean quiet = onlyRoutine(hetzner) && onlyRoutine(cloudflare);
                        hetzner.reset();
                        cloudflare.reset();
                        return quiet;
                    });
            double written = operator.count("anchorhold.status.writes");
            stage.publish(2);
            await("all to tell of the newer image")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .ignoreExceptions()
                    .until(() -> withCondition(stage, Reasons.IMAGE_CURRENT, Condition.Status.False) == AGENTS + 1);
            assertThat(onlyRoutine(hetzner)).as("%s", hetzner.counts()).isTrue();
            assertThat(onlyRoutine(cloudflare)).as("%s", cloudflare.counts()).isTrue();
            assertThat(operator.count("anchorhold.status.writes") - written)
                    .as("one for each Agent, and the AgentImage's own")
                    .isEqualTo(AGENTS + 1 + 1);
            assertThat(withCondition(stage, Reasons.READY, Condition.Status.True))
                    .isEqualTo(AGENTS + 1);

            // Of the rest nobody waits for the end: Cloudflare lets go of one every few seconds.
            IntStream.range(0, 5).forEach(i -> stage.agent("agent-" + i).delete());
            IntStream.range(0, 5).forEach(i -> stage.awaitGone("agent-" + i));
            assertThat(new AgentCloudContents(stage).tunnels()).hasSize(AGENTS + 1 - 5);
        }
    }

    private static long withCondition(AgentTestEnvironment stage, String type, Condition.Status status) {
        return agents(stage).stream()
                .filter(a -> AgentTestEnvironment.condition(a, type)
                        .filter(c -> c.status() == status)
                        .isPresent())
                .count();
    }

    private static List<Agent> agents(AgentTestEnvironment stage) {
        return stage.kubernetes
                .resources(Agent.class)
                .inNamespace(stage.testEnvironment.namespace)
                .list()
                .getItems();
    }

    /** Without those that cost the same for a fleet of any size: they are a matter of time, and a busy machine takes its time. */
    private static long reads(RequestLog requests) {
        return requests.entries().stream()
                .filter(it -> it.method().equals("GET"))
                .map(it -> it.method() + " " + it.template())
                .filter(it -> !ROUTINE.contains(it) && !it.equals("GET /actions"))
                .count();
    }

    private static boolean onlyRoutine(RequestLog requests) {
        return ROUTINE.containsAll(requests.counts().keySet());
    }
}
