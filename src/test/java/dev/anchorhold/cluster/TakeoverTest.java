package dev.anchorhold.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import dev.anchorhold.world.Chart;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests two operators of which the leader goes in the middle of creates: how long until the other has taken over, and that no object gets two
 * servers, also while both take themselves for the leader.
 */
@Tag("cluster")
@Order(30)
class TakeoverTest {
    /** What F101 promises. */
    private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(60);

    private static final String POWER_ON = "/servers/{id}/actions/poweron";

    private static SharedCluster cluster;
    private String leader;
    private long lastAction;

    @BeforeAll
    static void two_operators() throws Exception {
        cluster = SharedCluster.withRelease();
        cluster.upgrade("operator.replicas=2");
    }

    @AfterAll
    static void one_again() {
        if (cluster != null) {
            cluster.upgrade();
        }
    }

    @BeforeEach
    void both_are_well() {
        cluster.awaitPods("operator", 2);
        await().until(() -> cluster.leader().filter(this::isThere).isPresent());
        leader = cluster.leader().orElseThrow();
        lastAction = cluster.newestAction();
    }

    private boolean isThere(String pod) {
        return cluster.pods("operator").stream()
                .anyMatch(it -> it.getMetadata().getName().equals(pod));
    }

    @AfterEach
    void nothing_is_held() {
        cluster.hetzner().faults().clear();
    }

    @Test
    void a_leader_whose_pod_is_deleted_gives_up_the_lease_as_it_ends() {
        List<String> objects = createsInTheMiddle("deleted", When.AFTER_COMMIT, Hold::release);

        Instant gone = Instant.now();
        cluster.kubernetes()
                .client()
                .pods()
                .inNamespace(Chart.NAMESPACE)
                .withName(leader)
                .delete();
        awaitAnotherLeader("its pod is deleted", gone);

        oneServerEach("deleted", objects);
    }

    @Test
    void
            F01_a_leader_killed_outright_while_the_answers_of_its_creates_are_on_their_way_is_followed_by_one_that_adopts() {
        List<String> objects = createsInTheMiddle("killed", When.AFTER_COMMIT, _ -> {});

        Instant gone = Instant.now();
        ProcessHandle process = cluster.operatorProcess(leader);
        process.destroyForcibly();
        // Its container is started again, and has the Lease of the pod that it is in.
        cluster.createPlainVms("acme", List.of("killed-afterwards"));
        await().until(() -> !cluster.servers("killed-afterwards").isEmpty());
        tell("its process is killed; until the next create", gone);

        cluster.hetzner().faults().clear();
        oneServerEach(
                "killed",
                Stream.concat(objects.stream(), Stream.of("killed-afterwards")).toList());
    }

    /** Its creates are held before the cloud has carried them out: they arrive when the other has made the same servers. */
    @Test
    void F101_a_leader_that_was_stopped_for_longer_than_its_lease_makes_nothing_twice_when_it_goes_on()
            throws Exception {
        Instant began = Instant.now();
        List<String> objects = createsInTheMiddle("stopped", When.BEFORE_COMMIT, _ -> {});
        ProcessHandle process = cluster.operatorProcess(leader);

        signal("STOP", process);
        Instant gone = Instant.now();
        awaitAnotherLeader("its process is stopped", gone);
        await().until(() -> cluster.servers("stopped").size() == objects.size());
        cluster.hetzner().faults().clear(); // what was held arrives
        signal("CONT", process);

        await("until the former leader has ended").until(() -> !process.isAlive());
        oneServerEach("stopped", objects);
        assertThat(cluster.hetzner().requests().entries().stream()
                        .filter(it ->
                                it.time().isAfter(began) && it.template().equals("/servers") && it.status() == 409))
                .as("what the former leader had sent before it was stopped")
                .hasSize(objects.size());
    }

    /** Its election notices late, since each call hangs; it goes on trying meanwhile, and is kept from it. */
    @Test
    void F101_a_leader_cut_off_from_the_api_server_writes_nothing_more_to_the_cloud() {
        cluster.createPlainVms("acme", List.of("cut-off"));
        cluster.awaitReady("plainvm/cut-off");
        cluster.hetzner().faults().add("POST", POWER_ON, Integer.MAX_VALUE, new Faults.Fail(503, "unavailable", "no"));
        cluster.hetzner().console().powerOff(idOf("cut-off"));
        await().until(() -> tries() > 0);
        PodResource pod = cluster.kubernetes()
                .client()
                .pods()
                .inNamespace(Chart.NAMESPACE)
                .withName(leader);
        String[] rule = {
            "INPUT",
            "--source",
            pod.get().getStatus().getPodIP(),
            "--protocol",
            "tcp",
            "--dport",
            "6443",
            "--jump",
            "DROP"
        };
        ByteArrayOutputStream log = new ByteArrayOutputStream();

        try (var _ = pod.tailingLines(1).watchLog(log)) {
            Instant gone = Instant.now();
            iptables("--insert", rule);
            try {
                awaitAnotherLeader("it is cut off from the API server", gone);
                await().untilAsserted(() -> assertThat(log.toString(UTF_8))
                        .contains("PowerOn: no_answer", "may not lead any more", "the Lease is lost"));
                tell("it is cut off: until the former one notices", gone);
            } finally {
                iptables("--delete", rule);
            }
        }
        cluster.hetzner().faults().clear();

        oneServerEach("cut-off", List.of("cut-off"));
    }

    private static long tries() {
        return cluster.hetzner().requests().count("POST", POWER_ON);
    }

    /** Returns when the leader's creates of three servers are at the cloud. */
    private List<String> createsInTheMiddle(String prefix, When when, Consumer<Hold> then) {
        List<String> objects =
                IntStream.rangeClosed(1, 3).mapToObj(i -> prefix + "-" + i).toList();
        List<Hold> holds = objects.stream()
                .map(_ -> cluster.hetzner().faults().hold("POST", "/servers", when))
                .toList();
        cluster.createPlainVms("acme", objects);
        assertThat(holds).allMatch(Hold::awaitHeld);
        holds.forEach(then);
        return objects;
    }

    private void awaitAnotherLeader(String how, Instant since) {
        await().pollInterval(Duration.ofMillis(50))
                .until(() -> cluster.leader().filter(it -> !it.equals(leader)).isPresent());
        assertThat(tell(how, since)).isLessThan(LONGEST_TAKEOVER);
    }

    private static Duration tell(String how, Instant since) {
        Duration time = Duration.between(since, Instant.now());
        System.out.printf("Takeover when %s: %.1f s%n", how, time.toMillis() / 1000.0);
        return time;
    }

    /** Whatever was created was created once: there is nothing that was made and removed again. */
    private void oneServerEach(String prefix, List<String> objects) {
        cluster.awaitPlainVms(objects);
        assertThat(cluster.servers(prefix))
                .hasSize(objects.size())
                .allSatisfy((_, status) -> assertThat(status).isEqualTo("running"));
        assertThat(cluster.createdAfter(lastAction)).isEqualTo(objects.size());
        cluster.deletePlainVms(objects);
        assertThat(cluster.servers(prefix)).isEmpty();
    }

    private static long idOf(String name) {
        return Long.parseLong(cluster.servers(name).keySet().iterator().next().split(" ")[0]);
    }

    private static void iptables(String verb, String... rule) {
        cluster.node()
                .runInNetwork(
                        "iptables",
                        Stream.concat(Stream.of(verb), Stream.of(rule)).toArray(String[]::new));
    }

    private static void signal(String name, ProcessHandle process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
