package dev.anchorhold.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.resource.PlainVm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Counts a fleet's calls to the cloud: while it is made, and when nothing happens any more. */
class ApiCallCountTest {
    private static final Duration FEED = Duration.ofSeconds(5);
    /**
     * The cloud's pace, in multiples of the real one. Reads are few because many actions run at once. At 20 a server stands within a second, so that a
     * slow machine never has more than a few on their way, whatever the fleet's size: then its processor is measured, not the calls. At 5 a busy
     * machine still came near to that.
     */
    private static final double SPEED = 2;

    private static final Set<String> FEEDS = Set.of("GET /servers/actions", "GET /firewalls/actions");

    /** As in production, but for the feeds: in the time that a test has, there should be some. */
    private static final InventorySettings SETTINGS = new InventorySettings(
            FEED,
            InventorySettings.DEFAULT.relistInterval(),
            InventorySettings.DEFAULT.maxAge(),
            InventorySettings.DEFAULT.settleTime(),
            InventorySettings.DEFAULT.coalesceDelay(),
            InventorySettings.DEFAULT.slowInterval());

    private TestEnvironment testEnvironment;
    private InProcessOperator operator;

    @BeforeEach
    void open() {
        testEnvironment = new TestEnvironment(TestEnvironment.quick().speed(SPEED));
        operator = new InProcessOperator(TestEnvironment.chart().operatorKubeconfig(), testEnvironment.id, SETTINGS);
    }

    @AfterEach
    void close() {
        operator.close();
        testEnvironment.close();
    }

    @Test
    void F07_F08_a_vm_costs_two_writes_and_less_than_one_read_and_then_nothing_but_the_feeds() {
        make("early", 10);
        assertThat(testEnvironment.cloud.requests().writes())
                .as("a firewall and a server for each VM, and the installation's sealed key")
                .isEqualTo(2 * 10 + 1);
        assertQuietFor(FEED.multipliedBy(2));

        testEnvironment.cloud.requests().reset();
        Instant begin = Instant.now();
        make("vm", 100);
        var requests = testEnvironment.cloud.requests();
        assertThat(requests.writes()).as("a firewall and a server for each VM").isEqualTo(2 * 100);
        long polls = FEEDS.stream()
                .mapToLong(feed -> requests.counts().getOrDefault(feed, 0))
                .sum();
        long withoutAnyVm = Math.min(
                polls, maxPolls(begin)); // as many as the time that it took has intervals; those between them count
        assertThat(requests.total() - requests.writes() - withoutAnyVm)
                .as("reads for 100 VMs, beside %d of the feeds: %s", withoutAnyVm, requests.counts())
                .isLessThan(100);
        assertThat(requests.entries()).noneMatch(it -> it.status() == 429);
        assertQuietFor(FEED.multipliedBy(6));
    }

    private void make(String prefix, int count) {
        IntStream.range(0, count).parallel().forEach(i -> testEnvironment.apply(prefix + "-" + i));
        Awaitility.await("all to be Ready")
                .until(() -> vms().stream()
                        .allMatch(vm -> TestEnvironment.ready(vm) != null
                                && TestEnvironment.ready(vm).holds()));
    }

    private List<PlainVm> vms() {
        return testEnvironment
                .kubernetes
                .resources(PlainVm.class)
                .inNamespace(testEnvironment.namespace)
                .list()
                .getItems();
    }

    /** However many VMs there are: nobody writes anything, and the cloud is asked for its two feeds, at their interval. */
    private void assertQuietFor(Duration time) {
        Awaitility.await("the last news to be read")
                .during(Duration.ofSeconds(3))
                .until(() -> {
                    boolean quiet = onlyFeedsWerePolled();
                    testEnvironment.cloud.requests().reset();
                    return quiet;
                });
        var objects = versions();
        double written = operator.count("anchorhold.status.writes");
        testEnvironment.cloud.requests().reset();
        Instant begin = Instant.now();
        Awaitility.await("nothing but feeds for " + time).during(time).until(this::onlyFeedsWerePolled);
        long polls = testEnvironment.cloud.requests().total();
        assertThat(polls).as("two feeds each %s", FEED).isLessThanOrEqualTo(maxPolls(begin));
        assertThat(operator.count("anchorhold.status.writes")).isEqualTo(written);
        assertThat(versions()).isEqualTo(objects);
    }

    private static long maxPolls(Instant begin) {
        return 2 * (Duration.between(begin, Instant.now()).dividedBy(FEED) + 1);
    }

    private boolean onlyFeedsWerePolled() {
        return FEEDS.containsAll(testEnvironment.cloud.requests().counts().keySet());
    }

    private Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        vms().forEach(vm ->
                versions.put(vm.getMetadata().getName(), vm.getMetadata().getResourceVersion()));
        return versions;
    }
}
