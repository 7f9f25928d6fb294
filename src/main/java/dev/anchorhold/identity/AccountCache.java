package dev.anchorhold.identity;

import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec.Member;
import dev.anchorhold.resource.AccountSpec.Role;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Caches the Accounts in Kubernetes for at most 15 seconds. What cannot be read is unknown (503), and never "nobody's". */
final class AccountCache {
    static final Duration MAX_AGE = Duration.ofSeconds(15);

    private static final Logger LOG = Logger.getLogger(AccountCache.class);

    private final Supplier<KubernetesClient> kubernetes;
    private final InstantSource clock;
    private final ReentrantLock readLock = new ReentrantLock();
    private volatile Snapshot snapshot = new Snapshot(List.of(), Instant.EPOCH);

    AccountCache(Supplier<KubernetesClient> kubernetes, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.clock = clock;
    }

    /** @param roles of its members, by their subject */
    record CachedAccount(String name, String displayName, Map<String, Role> roles) {

        static CachedAccount of(Account account) {
            String name = account.getMetadata().getName();
            List<Member> members = Objects.requireNonNullElse(account.getSpec().members(), List.of());
            return new CachedAccount(
                    name,
                    Objects.requireNonNullElse(account.getSpec().displayName(), name),
                    members.stream()
                            .collect(Collectors.toUnmodifiableMap(
                                    Member::subject, CachedAccount::role, CachedAccount::lesser)));
        }

        private static Role role(Member member) {
            return Objects.requireNonNullElse(member.role(), Role.Viewer);
        }

        /** Whoever is named twice. */
        private static Role lesser(Role one, Role other) {
            return one == other ? one : Role.Viewer;
        }
    }

    private record Snapshot(List<CachedAccount> accounts, Instant asOf) {}

    /** @throws HttpProblem 503 when Kubernetes does not say */
    List<CachedAccount> all() {
        if (isStale()) {
            readLock.lock();
            try {
                if (isStale()) {
                    Instant asOf = clock.instant();
                    snapshot = new Snapshot(read(), asOf);
                }
            } finally {
                readLock.unlock();
            }
        }
        return snapshot.accounts;
    }

    private boolean isStale() {
        Instant now = clock.instant();
        return now.isBefore(snapshot.asOf) || !now.isBefore(snapshot.asOf.plus(MAX_AGE));
    }

    private List<CachedAccount> read() {
        try {
            return kubernetes.get().resources(Account.class).list().getItems().stream()
                    .map(CachedAccount::of)
                    .toList();
        } catch (KubernetesClientException e) {
            LOG.warnf("the Accounts cannot be read (HTTP %d)", e.getCode());
            throw new HttpProblem(503, "Kubernetes does not say whose accounts are yours; try again", null);
        }
    }
}
