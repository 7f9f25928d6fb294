package dev.anchorhold.identity;

import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.web.AttemptLimiter;
import dev.anchorhold.platform.web.ServiceAccountAuthenticator;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** The CDI producer of the {@link CallerAuthenticator}, one in a process. */
class IdentityProducers {

    @Produces
    @Singleton
    CallerAuthenticator callerAuthenticator(
            Instance<KubernetesClient> kubernetes,
            Settings settings,
            InstantSource clock,
            Instance<BrowserSessions> sessions,
            Instance<ApiTokens> tokens,
            AttemptLimiter attempts) {
        return new CallerAuthenticator(
                new ServiceAccountAuthenticator(kubernetes::get, clock),
                new AccountCache(kubernetes::get, clock),
                Set.copyOf(settings.api().auditors().orElse(List.of())),
                sessions::get,
                tokens::get,
                attempts);
    }
}
