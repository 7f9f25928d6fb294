package dev.anchorhold.door;

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

/** Makes the door's parts, once a process that has its role. The parts themselves are plain Java: tests make their own. */
class Wiring {

    @Produces
    @Singleton
    Database database(Instance<DataSource> source) {
        return new Database(source::get);
    }

    @Produces
    @Singleton
    Door door(Database database, Settings settings, InstantSource clock) {
        return new Door(
                database,
                Seal.with(settings.door()
                        .keys()
                        .orElseThrow(() -> new IllegalStateException(
                                "the companion needs anchorhold.door.keys: a file with 32 random bytes in base64"))),
                clock);
    }

    @Produces
    @Singleton
    Callers callers(Instance<KubernetesClient> kubernetes, Settings settings, InstantSource clock) {
        return new Callers(
                kubernetes::get,
                Set.copyOf(settings.companion()
                        .callers()
                        .orElseGet(() -> List.of(
                                "system:serviceaccount:%s:anchorhold-operator".formatted(settings.namespace())))),
                clock);
    }

    @Produces
    @Singleton
    Strangers strangers(Settings settings, InstantSource clock) {
        return new Strangers(
                new ClientAddress(settings.door().trustedProxies().orElse(List.of())),
                new Attempts(settings.door().attemptsPerMinute(), clock));
    }
}
