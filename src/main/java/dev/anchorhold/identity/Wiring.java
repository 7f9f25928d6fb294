package dev.anchorhold.identity;

import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.web.ServiceAccounts;
import io.fabric8.kubernetes.client.KubernetesClient;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Makes what tells who calls, once a process. */
class Wiring {

    @Produces
    @Singleton
    Identities identities(
            ServiceAccounts serviceAccounts,
            Instance<KubernetesClient> kubernetes,
            Settings settings,
            InstantSource clock) {
        return new Identities(
                serviceAccounts,
                new Accounts(kubernetes::get, clock),
                Set.copyOf(settings.api().auditors().orElse(List.of())));
    }
}
