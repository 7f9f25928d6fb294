package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** CDI producers of what all HTTP packages of the companion share, one of each per process. */
class WebProducers {

    @Produces
    @Singleton
    Database database(Instance<DataSource> source) {
        return new Database(source::get);
    }

    @Produces
    @Singleton
    InternalApiAccess callers(Instance<KubernetesClient> kubernetes, Settings settings, InstantSource clock) {
        return new InternalApiAccess(
                kubernetes::get,
                clock,
                Set.copyOf(settings.companion()
                        .callers()
                        .orElseGet(() -> List.of(
                                "system:serviceaccount:%s:anchorhold-operator".formatted(settings.namespace())))));
    }

    @Produces
    @Singleton
    AttemptLimiter attemptLimiter(Settings settings, InstantSource clock) {
        return new AttemptLimiter(
                new ClientAddress(settings.door().trustedProxies().orElse(List.of())),
                new RateLimiter(settings.door().attemptsPerMinute(), clock));
    }
}
