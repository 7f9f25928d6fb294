package dev.anchorhold.operator;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jboss.logging.Logger;

/**
 * Whether this operator is the one that leads, as the Lease itself says: no write leaves for a cloud while another may lead.
 *
 * <p>The election alone cannot see to that. A process that was stopped for a while, or whose API server does not answer, learns minutes late that
 * it has lost (F101). So a write is sent only within {@link #RENEW_DEADLINE} of a renewal by this process, which is sooner than anybody else can
 * be elected, as long as the clocks of their nodes differ by less than five seconds; the Lease is read again when that time is over, once for all. What left before is harmless for another reason: names in the
 * clouds are unique and follow from the object, so that of two creates one is refused.
 */
final class Leadership implements Interceptor {
    private static final Logger LOG = Logger.getLogger(Leadership.class);
    private static final String LEASE = "anchorhold-operator";
    private static final Duration LEASE_DURATION = Duration.ofSeconds(15);
    static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    /** Twice as long as a Lease holds. */
    static final Duration ABANDONED = LEASE_DURATION.multipliedBy(2);

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final String identity;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Long heldUntil;
    private volatile Long askedAgainAt;
    private volatile boolean resigned;
    private volatile boolean elected;
    private volatile boolean ending;
    private volatile Runnable lost = () -> {};
    private String seenVersion = "";
    private long seenSince;
    private boolean freed;

    /**
     * @param clock by which renewals are dated
     * @param nanoTime by which time passes, also while the clock is put right
     */
    Leadership(
            KubernetesClient kubernetes,
            String namespace,
            String identity,
            InstantSource clock,
            LongSupplier nanoTime) {
        // Without them a call to an API server that is silent takes minutes.
        this.kubernetes = kubernetes
                .newClient(new RequestConfigBuilder()
                        .withRequestTimeout((int) RETRY_PERIOD.toMillis())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .adapt(KubernetesClient.class);
        this.namespace = namespace;
        this.identity = identity;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** By what the election goes. */
    LeaderElectionConfiguration election(Runnable lost) {
        this.lost = lost;
        return new LeaderElectionConfiguration(
                LEASE,
                namespace,
                LEASE_DURATION,
                RENEW_DEADLINE,
                RETRY_PERIOD,
                identity,
                new LeaderCallbacks(this::begin, () -> end(lost), _ -> {}),
                false);
    }

    /** Whether it was elected last; metrics tell it. What may be written is not decided by it. */
    boolean leads() {
        return elected;
    }

    private void begin() {
        elected = true;
        LOG.info("elected");
    }

    /**
     * To be called every few seconds. A Lease that nobody has renewed for {@link #ABANDONED} while it was watched is free, however it is dated; the
     * election, which goes by the dates alone, is shown that. And an election that does not take a free one has ended by an error: then the process
     * ends too, rather than to stand by for ever.
     */
    void watch() {
        if (elected || ending) {
            seenVersion = "";
            return;
        }
        Lease lease;
        try {
            lease = lease().get();
        } catch (KubernetesClientException e) {
            seenVersion = ""; // what is not seen may be renewed
            return;
        }
        String version = lease == null ? "none" : lease.getMetadata().getResourceVersion();
        if (!version.equals(seenVersion)) {
            seenVersion = version;
            seenSince = nanoTime.getAsLong();
            freed = lease == null || lease.getSpec() == null || isFree(lease.getSpec());
        } else if (nanoTime.getAsLong() - seenSince >= ABANDONED.toNanos()) {
            seenVersion = "";
            if (freed) {
                LOG.error("the Lease is free, and the election does not take it: ending");
                lost.run();
            } else {
                free(lease);
            }
        }
    }

    private static boolean isFree(LeaseSpec spec) {
        return spec.getHolderIdentity() == null && spec.getAcquireTime() != null && spec.getRenewTime() != null;
    }

    private void free(Lease lease) {
        LeaseSpec spec = lease.getSpec();
        LOG.warnf(
                "%s holds the Lease by a renewal dated %s, but has not renewed it for %d seconds: it is free",
                spec.getHolderIdentity(), spec.getRenewTime(), ABANDONED.toSeconds());
        var now = clock.instant().atZone(ZoneOffset.UTC);
        try {
            kubernetes
                    .resource(new LeaseBuilder(lease)
                            .editSpec()
                            .withHolderIdentity(null)
                            .withAcquireTime(now)
                            .withRenewTime(now)
                            .endSpec()
                            .build())
                    .update();
        } catch (KubernetesClientException e) {
            LOG.infof("the Lease could not be freed: %s", e.getMessage());
        }
    }

    private void end(Runnable lost) {
        elected = false;
        if (!ending) {
            LOG.warn("the Lease is lost: ending");
            lost.run();
        }
    }

    /**
     * Gives the Lease up, if it is ours, so that another need not wait until it has passed.
     *
     * @param stop ends all steps that run
     */
    void resign(Runnable stop) {
        ending = true;
        try {
            stop.run();
        } finally {
            resigned = true;
        }
        try {
            Lease ours = lease().get();
            if (isOurs(ours)) {
                kubernetes
                        .resource(new LeaseBuilder(ours)
                                .editSpec()
                                .withHolderIdentity(null)
                                .endSpec()
                                .build())
                        .update();
                LOG.info("the Lease is given up");
            }
        } catch (KubernetesClientException e) {
            LOG.infof("the Lease could not be given up, and passes by itself: %s", e.getMessage());
        }
    }

    /** Asked when the connection stands, just before the first byte of the request. */
    @Override
    public Response intercept(Chain chain) throws IOException {
        if (!chain.request().method().equals("GET") && !isHeld()) {
            throw new IOException("nothing was sent, since this operator may not lead any more");
        }
        return chain.proceed(chain.request());
    }

    private boolean isHeld() {
        return !resigned && (isBefore(heldUntil) || readAgain() && isBefore(heldUntil)) && !resigned;
    }

    /** Once for all who want to write; whoever waits for it in vain does not write. */
    private boolean readAgain() {
        try {
            if (!reading.tryLock(RETRY_PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            if (!isBefore(heldUntil) && !isBefore(askedAgainAt)) {
                long asked = nanoTime.getAsLong();
                heldUntil = renewed()
                        .map(age -> asked + RENEW_DEADLINE.minus(age).toNanos())
                        .orElse(null);
                askedAgainAt = nanoTime.getAsLong() + RETRY_PERIOD.toNanos();
            }
            return true;
        } finally {
            reading.unlock();
        }
    }

    private boolean isBefore(Long nanos) {
        return nanos != null && nanoTime.getAsLong() - nanos < 0;
    }

    /** How long ago this process renewed its Lease; one that is dated in the future is of now. */
    private Optional<Duration> renewed() {
        Instant asked = clock.instant();
        try {
            return Optional.ofNullable(lease().get())
                    .filter(this::isOurs)
                    .map(it -> it.getSpec().getRenewTime())
                    .map(it -> Duration.between(it.toInstant(), asked))
                    .map(it -> it.isNegative() ? Duration.ZERO : it);
        } catch (KubernetesClientException e) {
            LOG.infof("who leads could not be read: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private boolean isOurs(Lease lease) {
        return lease != null
                && lease.getSpec() != null
                && Objects.equals(lease.getSpec().getHolderIdentity(), identity);
    }

    private Resource<Lease> lease() {
        return kubernetes.leases().inNamespace(namespace).withName(LEASE);
    }
}
