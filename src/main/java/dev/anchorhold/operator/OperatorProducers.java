package dev.anchorhold.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.account.UnownedPeriods;
import dev.anchorhold.operator.agent.PullSecrets;
import dev.anchorhold.operator.door.CompanionClient;
import dev.anchorhold.operator.door.DoorClient;
import dev.anchorhold.operator.door.DoorInventory;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.ShallowCloneSerialization;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.journal.JournalClient;
import dev.anchorhold.operator.journal.JournalDispatcher;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.ReconcileInstrumentation;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.operator.session.AllowedEndpoints;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.ProviderTokens;
import dev.anchorhold.platform.Settings;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.kubernetes.client.KubernetesClientObjectMapper;
import io.quarkus.kubernetes.client.KubernetesResources;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import okhttp3.OkHttpClient;

/**
 * CDI producers of the operator's parts, one of each per process. The parts themselves are plain Java: tests make their
 * own.
 */
class OperatorProducers {
    @Produces
    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }

    @Produces
    @Singleton
    Fleet fleet(MeterRegistry metrics) {
        return new Fleet(metrics);
    }

    /** In place of the SDK's own, whose meters are many. */
    @Produces
    @Singleton
    Metrics instrumentation(MeterRegistry metrics) {
        return new ReconcileInstrumentation(metrics);
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
        return new ProviderTokens(kubernetes, tokenNamespace(settings));
    }

    private static String tokenNamespace(Settings settings) {
        return settings.provider().tokenNamespace().orElseGet(() -> settings.namespace() + "-tokens");
    }

    @Produces
    @Singleton
    PullSecrets pullSecrets(KubernetesClient kubernetes, Settings settings) {
        return new PullSecrets(kubernetes, tokenNamespace(settings));
    }

    @Produces
    @Singleton
    CloudSessions sessions(
            Fleet fleet,
            ProviderTokens tokens,
            KubernetesClient kubernetes,
            Settings settings,
            Leadership leadership,
            InstantSource clock,
            MeterRegistry metrics) {
        return new CloudSessions(
                new OkHttpClient.Builder().addNetworkInterceptor(leadership).build(),
                fleet,
                tokens,
                new AllowedEndpoints(Set.copyOf(settings.provider().endpoints().orElse(List.of()))),
                installation(kubernetes, settings),
                InventorySettings.DEFAULT,
                clock,
                metrics);
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

    @Produces
    @Singleton
    Books books(Settings settings) {
        return new Books(companion(settings));
    }

    @Produces
    @Singleton
    UnownedPeriods unownedPeriods(
            Books books,
            Fleet fleet,
            CloudSessions sessions,
            GuestDoor door,
            InstantSource clock,
            MeterRegistry metrics) {
        return new UnownedPeriods(books, fleet, sessions, door, clock, metrics, Duration.ofMinutes(5));
    }

    void close(@Disposes UnownedPeriods unownedPeriods) {
        unownedPeriods.close();
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

    @Produces
    @Singleton
    Leadership leadership(KubernetesClient kubernetes, Settings settings, InstantSource clock) {
        return new Leadership(kubernetes, settings.namespace(), settings.identity(), clock, System::nanoTime);
    }

    /** One operator acts; others stand by. Who loses the Lease ends, and is started again by whoever runs it. */
    @Produces
    @Singleton
    LeaderElectionConfiguration election(Leadership leadership, Settings settings, MeterRegistry metrics) {
        if (settings.roles().contains(Settings.Role.OPERATOR)) {
            metrics.gauge("anchorhold.leader", leadership, it -> it.leads() ? 1 : 0);
        }
        return leadership.election(() -> Quarkus.asyncExit(1));
    }

    /** In place of Quarkus' own, which differs in how it copies an object. */
    @Produces
    @Singleton
    @SuppressWarnings({"rawtypes", "unchecked"}) // as Quarkus declares its list of kinds
    KubernetesSerialization serialization(
            @KubernetesClientObjectMapper ObjectMapper mapper, @KubernetesResources Class[] kinds) {
        var serialization = new ShallowCloneSerialization(mapper);
        for (Class kind : kinds) serialization.registerKubernetesResource(kind);
        return serialization;
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
