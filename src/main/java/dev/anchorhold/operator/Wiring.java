package dev.anchorhold.operator;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.door.DoorClient;
import dev.anchorhold.operator.door.DoorInventory;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.platform.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import okhttp3.OkHttpClient;
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

    /** Where guests and we find the door; nothing in an installation that was not told, which then has no Agents. */
    @Produces
    @Singleton
    GuestDoor door(Settings settings, InstantSource clock, MeterRegistry metrics) {
        var companion = settings.companion();
        if (companion.url().isEmpty()
                || companion.tokenFile().isEmpty()
                || settings.door().url().isEmpty()) {
            return new GuestDoor(Optional.empty());
        }
        var client = new DoorClient(companion.url().get(), companion.tokenFile().get(), new OkHttpClient());
        return new GuestDoor(Optional.of(new GuestDoor.Open(
                client,
                new DoorInventory(client, clock, metrics),
                URI.create(settings.door().url().get()))));
    }

    void close(@Disposes GuestDoor door) {
        door.close();
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
