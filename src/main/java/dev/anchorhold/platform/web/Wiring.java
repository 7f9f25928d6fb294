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

/** Makes what all rooms of the companion share, once a process. */
class Wiring {

    @Produces
    @Singleton
    Database database(Instance<DataSource> source) {
        return new Database(source::get);
    }

    @Produces
    @Singleton
    ServiceAccounts serviceAccounts(Instance<KubernetesClient> kubernetes, InstantSource clock) {
        return new ServiceAccounts(kubernetes::get, clock);
    }

    @Produces
    @Singleton
    Callers callers(ServiceAccounts accounts, Settings settings) {
        return new Callers(
                accounts,
                Set.copyOf(settings.companion()
                        .callers()
                        .orElseGet(() -> List.of(
                                "system:serviceaccount:%s:anchorhold-operator".formatted(settings.namespace())))));
    }
}
