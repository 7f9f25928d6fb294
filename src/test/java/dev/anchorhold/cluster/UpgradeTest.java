package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.image.PreviousImage;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the upgrade of a release by Helm, with a migration of the database, while it works: this class runs first. */
@Tag("cluster")
@Order(10)
class UpgradeTest {
    private static SharedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = SharedCluster.withPreviousRelease();
    }

    @Test
    void F105_an_upgrade_while_objects_are_made_and_the_ledger_is_busy_loses_nothing_and_makes_nothing_twice()
            throws Exception {
        assertThat(cluster.hasPreviousRelease()).as("this class runs first").isTrue();
        startAgent();
        String ready = agentReadySince();
        int schema = schemaVersion();
        long before = cluster.newestAction();
        Optional<String> leader = cluster.leader();
        List<String> all =
                IntStream.rangeClosed(1, 20).mapToObj(i -> "upgraded-" + i).toList();

        try (Visitors visitors = new Visitors(cluster);
                ExecutorService sideBySide = Executors.newVirtualThreadPerTaskExecutor()) {
            visitors.start();
            await().until(() -> !visitors.objects().isEmpty());
            cluster.books().verifyLog(); // and keeps what it finds
            cluster.createPlainVms("acme", all.subList(0, 5));
            List<Future<?>> during = List.of(
                    sideBySide.submit(() -> cluster.upgrade()),
                    // as the new pods start
                    sideBySide.submit(
                            () -> createWhen(() -> cluster.pods("companion").size() > 1, all.subList(5, 10))),
                    // while the companion of before works on the new schema
                    sideBySide.submit(() -> createWhen(() -> schemaVersion() > schema, all.subList(10, 15))),
                    // as the new operator begins
                    sideBySide.submit(() -> createWhen(() -> !cluster.leader().equals(leader), all.subList(15, 20))));
            for (Future<?> it : during) {
                it.get();
            }

            for (String component : List.of("operator", "companion")) {
                cluster.awaitPods(component, 1);
                assertThat(cluster.pods(component).getFirst().getSpec().getContainers())
                        .noneMatch(it -> it.getImage().endsWith(":" + PreviousImage.TAG));
            }
            cluster.awaitPlainVms(all);
            visitors.stop();

            assertThat(agentReadySince())
                    .as("an Agent's real guest reported through all of it")
                    .isEqualTo(ready);
            assertThat(visitors.requests()).as("requests at the door").isGreaterThan(100);
            assertThat(visitors.failures())
                    .as("requests at the door that failed twice")
                    .isEmpty();
            assertThat(cluster.servers("upgraded-")).hasSize(all.size());
            assertThat(cluster.createdAfter(before))
                    .isEqualTo(all.size() + visitors.objects().size());
            List<String> uids = Stream.concat(
                            all.stream().map(it -> cluster.uid("plainvm/" + it)), visitors.objects().stream())
                    .toList();
            cluster.deletePlainVms(all);
            assertThat(cluster.servers("").keySet())
                    .as("nothing is left but the Agent, nor whose nobody knows")
                    .allSatisfy(it -> assertThat(it).contains(" coder-"))
                    .hasSize(cluster.hasGuests() ? 1 : 0);
            for (String it : uids) {
                assertInBooks(it);
            }
        }
        cluster.books().verifyLog();
    }

    /** It stays, for the classes after this one. */
    private static void startAgent() {
        if (cluster.hasGuests()) {
            cluster.applySample("agent.yaml");
            cluster.awaitReady("agent/coder");
        }
    }

    /** Since when it has been Ready without a break; empty where it is not, or there are no guests. */
    private static String agentReadySince() {
        return !cluster.hasGuests()
                ? ""
                : cluster.kubernetes()
                        .kubectl(
                                "get",
                                "agent/coder",
                                "--output=jsonpath={.status.conditions[?(@.type==\"Ready\")]['status','lastTransitionTime']}");
    }

    private static void createWhen(Callable<Boolean> when, List<String> names) {
        await().pollInterval(Duration.ofMillis(200)).until(when);
        cluster.createPlainVms("acme", names);
    }

    private static void assertInBooks(String uid) throws Exception {
        JsonNode events = cluster.books().read("audit-events?resource=" + uid);
        assertThat(events.get("items"))
                .singleElement()
                .satisfies(it -> assertThat(it.at("/event/event").asText()).isEqualTo("destroy"));
        assertThat(cluster.books().read("periods?resource=" + uid).get("items"))
                .singleElement()
                .satisfies(it -> assertThat(it.has("endedAt")).isTrue());
    }

    private static int schemaVersion() throws SQLException {
        try (var connection = cluster.books().database().getConnection();
                var statement = connection.createStatement();
                var result =
                        statement.executeQuery("SELECT max(version::int) FROM flyway_schema_history WHERE success")) {
            result.next();
            return result.getInt(1);
        }
    }
}
