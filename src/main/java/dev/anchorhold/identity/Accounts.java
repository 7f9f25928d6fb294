package dev.anchorhold.identity;

import dev.anchorhold.platform.web.Problem;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec.Member;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** The Accounts in Kubernetes, as they were at most 15 seconds ago: what cannot be read is unknown, and never "nobody's". */
final class Accounts {
    static final Duration FRESH = Duration.ofSeconds(15);

    private static final Logger LOG = Logger.getLogger(Accounts.class);

    private final Supplier<KubernetesClient> kubernetes;
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Known known = new Known(List.of(), Instant.EPOCH);

    Accounts(Supplier<KubernetesClient> kubernetes, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.clock = clock;
    }

    /** @param subjects of its members */
    record Named(String name, String displayName, Set<String> subjects) {

        static Named of(Account account) {
            String name = account.getMetadata().getName();
            List<Member> members = Objects.requireNonNullElse(account.getSpec().members(), List.of());
            return new Named(
                    name,
                    Objects.requireNonNullElse(account.getSpec().displayName(), name),
                    members.stream().map(Member::subject).collect(Collectors.toUnmodifiableSet()));
        }
    }

    private record Known(List<Named> accounts, Instant asOf) {}

    /** @throws Problem 503 when Kubernetes does not say */
    List<Named> all() {
        if (isStale()) {
            reading.lock();
            try {
                if (isStale()) {
                    Instant began = clock.instant();
                    known = new Known(read(), began);
                }
            } finally {
                reading.unlock();
            }
        }
        return known.accounts;
    }

    private boolean isStale() {
        Instant now = clock.instant();
        return now.isBefore(known.asOf) || !now.isBefore(known.asOf.plus(FRESH));
    }

    private List<Named> read() {
        try {
            return kubernetes.get().resources(Account.class).list().getItems().stream()
                    .map(Named::of)
                    .toList();
        } catch (KubernetesClientException e) {
            LOG.warnf("the Accounts cannot be read (HTTP %d)", e.getCode());
            throw new Problem(503, "Kubernetes does not say whose accounts are yours; try again", null);
        }
    }
}
