package dev.anchorhold.operator;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.door.DoorClient;
import dev.anchorhold.operator.door.DoorInventory;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.MetadataCloner;
import dev.anchorhold.operator.journal.JournalClient;
import dev.anchorhold.operator.journal.JournalDispatcher;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.ProviderTokens;
import dev.anchorhold.platform.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkiverse.operatorsdk.runtime.api.ConfigurationServiceCustomizer;
import io.quarkus.arc.Unremovable;
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

/**
 * CDI producers of the operator's parts, one of each per process. The parts themselves are plain Java: tests make their
 * own.
 */
class OperatorProducers {
    private static final Logger LOG = Logger.getLogger(OperatorProducers.class);

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
    EventRecorder events(KubernetesClient kubernetes, InstantSource clock, Settings settings) {
        return new EventRecorder(kubernetes, clock, settings.identity());
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

    /** How we call the companion; nothing where there is none. */
    private static Optional<CompanionClient> companion(Settings settings) {
        var companion = settings.companion();
        return companion
                .url()
                .flatMap(
                        url -> companion.tokenFile().map(token -> new CompanionClient(url, token, new OkHttpClient())));
    }

    /** Nothing in an installation without a companion. */
    @Produces
    @Singleton
    JournalSink journalSink(
            Settings settings, Fleet fleet, EventRecorder eventRecorder, InstantSource clock, MeterRegistry metrics) {
        return new JournalSink(companion(settings)
                .map(c -> new JournalDispatcher(
                        new JournalClient(c), new DeliveryNotifier(fleet, eventRecorder), clock, metrics)));
    }

    void close(@Disposes JournalSink journalSink) {
        journalSink.close();
    }

    /**
     * Addresses and client of the guest door; empty where no address is configured: such an installation has no Agents.
     */
    @Produces
    @Singleton
    GuestDoor door(Settings settings, InstantSource clock, MeterRegistry metrics) {
        return new GuestDoor(companion(settings)
                .map(DoorClient::new)
                .flatMap(client -> settings.door()
                        .url()
                        .map(url -> new GuestDoor.Connection(
                                client, new DoorInventory(client, clock, metrics), URI.create(url)))));
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

    @Produces
    @Singleton
    @Unremovable // JOSDK looks for it by hand
    ConfigurationServiceCustomizer customizer(KubernetesClient kubernetes) {
        return () -> it -> it.withResourceCloner(new MetadataCloner(kubernetes.getKubernetesSerialization()));
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
