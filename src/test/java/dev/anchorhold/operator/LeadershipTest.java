package dev.anchorhold.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may write to the clouds, with Leases of a real API server and a simulated cloud. */
class LeadershipTest {
    private static final String LEASE = "anchorhold-operator";

    private final KubernetesClient kubernetes = ControlPlane.shared().client();
    private final String namespace = ControlPlane.shared().newNamespace("leadership");
    private final HetznerSimulator cloud = HetznerSimulator.start(new HetznerOptions());
    private Instant now = Instant.now();
    private final Leadership leadership = new Leadership(kubernetes, namespace, "me", () -> now, this::ticks);
    private final HetznerClient client = client(leadership);

    @AfterEach
    void close() {
        cloud.close();
    }

    @Test
    void who_holds_the_lease_may_write() {
        lease("me", now);

        write(client);

        assertThat(cloud.requests().writes()).isEqualTo(1);
    }

    @Test
    void F101_nothing_is_sent_while_another_holds_the_lease_but_reads() {
        lease("another", now);

        assertThatNothingIsWritten(client);

        assertThat(client.findSshKeyByName(Urgency.PROVISIONING, Purpose.LOOKUP, "key"))
                .isEmpty();
    }

    @Test
    void F101_nothing_is_sent_when_there_is_no_lease() {
        assertThatNothingIsWritten(client);
    }

    /** So it is for one that was stopped, and goes on before anybody has told it. */
    @Test
    void F101_nothing_is_sent_when_the_own_renewal_is_so_old_that_another_may_soon_be_elected() {
        lease("me", now);
        write(client);

        now = now.plus(Leadership.RENEW_DEADLINE);

        assertThatNothingIsWritten(client);
    }

    @Test
    void F101_nothing_is_sent_while_the_api_server_takes_connections_and_is_silent() throws IOException {
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var silent = new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder()
                                .withMasterUrl("http://127.0.0.1:" + server.getLocalPort())
                                .build())
                        .build()) {
            var asking = new Leadership(silent, namespace, "me", InstantSource.system(), System::nanoTime);
            Instant began = Instant.now();
            assertThatNothingIsWritten(client(asking));
            assertThat(Duration.between(began, Instant.now()))
                    .as("less than the client's own time and repetitions, which are minutes")
                    .isLessThan(Duration.ofMinutes(1));
        }
    }

    @Test
    void F101_a_renewal_that_is_dated_in_the_future_holds_no_longer_than_one_of_now() {
        lease("me", now.plus(Duration.ofHours(1)));
        write(client);

        now = now.plus(Leadership.RENEW_DEADLINE);
        lease("another", now);

        assertThatNothingIsWritten(client);
    }

    @Test
    void a_lease_that_somebody_emptied_is_nobodys() {
        kubernetes
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(LEASE)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();

        assertThatNothingIsWritten(client);
    }

    @Test
    void who_was_refused_writes_again_after_a_renewal() {
        lease("me", now.minusSeconds(60));
        assertThatNothingIsWritten(client);

        now = now.plus(Duration.ofSeconds(3));
        lease("me", now);

        write(client);
    }

    @Test
    void who_ends_gives_up_the_lease_once_its_steps_have_ended_and_writes_nothing_more() {
        lease("me", now);

        leadership.resign(() -> write(client));

        assertThat(holder()).isNull();
        assertThatThrownBy(() -> write(client)).isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void who_ends_writes_nothing_more_also_when_its_steps_could_not_be_ended() {
        lease("me", now);

        assertThatThrownBy(() -> leadership.resign(() -> {
                    throw new IllegalStateException("stuck");
                }))
                .hasMessage("stuck");

        assertThatThrownBy(() -> write(client)).isInstanceOf(CloudException.Transient.class);
    }

    @Test
    void a_standby_that_ends_leaves_the_lease_to_its_holder() {
        lease("another", now);

        leadership.resign(() -> {});

        assertThat(holder()).isEqualTo("another");
    }

    /** A node's clock was ahead, or somebody wrote it: the election would wait for that date. */
    @Test
    void F101_a_lease_that_nobody_renews_is_free_however_it_is_dated() {
        lease("another", now.plus(Duration.ofDays(365)));
        leadership.watch();
        now = now.plus(Leadership.ABANDONED).minusSeconds(1);
        leadership.watch();
        assertThat(holder()).as("it may be renewed yet").isEqualTo("another");

        lease("another", now.plus(Duration.ofDays(366)));
        now = now.plusSeconds(2);
        leadership.watch();
        now = now.plus(Leadership.ABANDONED).minusSeconds(1);
        leadership.watch();
        assertThat(holder()).as("it was renewed").isEqualTo("another");

        now = now.plusSeconds(2);
        leadership.watch();
        assertThat(holder()).isNull();
    }

    @Test
    void F101_an_election_that_does_not_take_a_free_lease_ends_the_process() {
        var ended = new AtomicBoolean();
        leadership.election(() -> ended.set(true));
        lease("another", now);
        kubernetes
                .leases()
                .inNamespace(namespace)
                .withName(LEASE)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"acquireTime\": null}}");
        for (int i = 0; i < 3; i++) {
            assertThat(ended).isFalse();
            leadership.watch();
            now = now.plus(Leadership.ABANDONED).plusSeconds(1);
        }
        leadership.watch();

        assertThat(kubernetes
                        .leases()
                        .inNamespace(namespace)
                        .withName(LEASE)
                        .get()
                        .getSpec()
                        .getAcquireTime())
                .as("it can be read by an election again")
                .isNotNull();
        assertThat(ended).isTrue();
    }

    private void assertThatNothingIsWritten(HetznerClient by) {
        long before = cloud.requests().total();
        assertThatThrownBy(() -> write(by))
                .isInstanceOf(CloudException.Transient.class)
                .hasMessageContaining("may not lead");
        assertThat(cloud.requests().total()).isEqualTo(before);
    }

    /** Of something that is not there: which is success, as often as one likes. */
    private static void write(HetznerClient by) {
        by.deleteFirewall(Urgency.DELETION_OR_PERSON, Purpose.DELETE, 4711);
    }

    private HetznerClient client(Leadership guard) {
        return new HetznerClient(
                cloud.endpoint().toString(),
                cloud::token,
                new OkHttpClient.Builder().addNetworkInterceptor(guard).build(),
                Timeouts.DEFAULT,
                new RateBudget(3600, InstantSource.system()),
                new SimpleMeterRegistry(),
                "test");
    }

    private void lease(String holder, Instant renewed) {
        kubernetes
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(LEASE)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(holder)
                        .withLeaseDurationSeconds(15)
                        .withAcquireTime(renewed.atZone(ZoneOffset.UTC))
                        .withRenewTime(renewed.atZone(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    private long ticks() {
        return Duration.between(Instant.EPOCH, now).toNanos();
    }

    private String holder() {
        Lease lease = kubernetes.leases().inNamespace(namespace).withName(LEASE).get();
        return lease.getSpec().getHolderIdentity();
    }
}
