package dev.anchorhold.operator;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.platform.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/** Makes the operator's parts, once a process. The parts themselves are plain Java: tests make their own. */
class Wiring {
    private static final Logger LOG = Logger.getLogger(Wiring.class);

    @Produces
    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    Fleet fleet() {
        return new Fleet();
    }

    @Produces
    @Singleton
    StatusWriter statusWriter(KubernetesClient kubernetes, MeterRegistry metrics) {
        return new StatusWriter(kubernetes, metrics);
    }

    @Produces
    @Singleton
    Events events(KubernetesClient kubernetes, InstantSource clock, Settings settings) {
        return new Events(kubernetes, clock, settings.identity());
    }

    @Produces
    @Singleton
    ProviderTokens tokens(KubernetesClient kubernetes, Settings settings) {
        return new ProviderTokens(kubernetes, settings.namespace());
    }

    @Produces
    @Singleton
    CloudSessions sessions(
            Fleet fleet,
            ProviderTokens tokens,
            KubernetesClient kubernetes,
            Settings settings,
            InstantSource clock,
            MeterRegistry metrics) {
        return new CloudSessions(
                fleet, tokens, installation(kubernetes, settings), InventorySettings.DEFAULT, clock, metrics);
    }

    void close(@Disposes CloudSessions sessions) {
        sessions.close();
    }

    /** One operator acts; others stand by. Who loses the Lease ends, and is started again by whoever runs it. */
    @Produces
    @Singleton
    LeaderElectionConfiguration election(Settings settings) {
        return new LeaderElectionConfiguration(
                "anchorhold-operator",
                settings.namespace(),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                settings.identity(),
                new LeaderCallbacks(
                        () -> LOG.info("elected"),
                        () -> {
                            LOG.warn("the Lease is lost: ending");
                            Quarkus.asyncExit(1);
                        },
                        _ -> {}),
                false);
    }

    private static String installation(KubernetesClient kubernetes, Settings settings) {
        return settings.installation()
                .filter(id -> !id.isBlank())
                .orElseGet(() -> kubernetes
                        .namespaces()
                        .withName("kube-system")
                        .get()
                        .getMetadata()
                        .getUid());
    }
}
