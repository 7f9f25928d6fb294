package dev.anchorhold.operator;

import dev.anchorhold.cloud.InventorySettings;
import dev.anchorhold.operator.account.AccountReconciler;
import dev.anchorhold.operator.account.UnownedPeriods;
import dev.anchorhold.operator.agent.AgentImageReconciler;
import dev.anchorhold.operator.agent.AgentReconciler;
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
import dev.anchorhold.operator.plainvm.PlainVmReconciler;
import dev.anchorhold.operator.providerconfig.ProviderConfigReconciler;
import dev.anchorhold.operator.session.AllowedEndpoints;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.ProviderTokens;
import dev.anchorhold.world.Chart;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import okhttp3.OkHttpClient;

/**
 * The operator in this JVM: its own classes, wired as {@code OperatorProducers} does it, in this JVM: quick to start,
 * easy to look into.
 */
public final class InProcessOperator implements AutoCloseable {
    /** As in production, but for the pace: tests do not wait twenty seconds for a feed. */
    public static final InventorySettings QUICK = new InventorySettings(
            Duration.ofMillis(500),
            Duration.ofHours(1),
            Duration.ofMinutes(3),
            Duration.ofSeconds(2),
            Duration.ofMillis(100),
            Duration.ofMinutes(10));

    public final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final KubernetesClient kubernetes;
    private final ProviderTokens tokens;
    private final CloudSessions sessions;
    private final Operator operator;
    private final GuestDoor door;
    private final JournalSink journalSink;
    private final UnownedPeriods unownedPeriods;

    /** The companion that an operator in this JVM works with. */
    public record Companion(URI uri, URI door, Path tokenFile) {
        /** One without guests. */
        public Companion(URI uri, Path tokenFile) {
            this(uri, uri, tokenFile);
        }
    }

    public InProcessOperator(Path kubeconfig, String installation, InventorySettings settings) {
        this(kubeconfig, installation, settings, InstantSource.system(), Optional.empty());
    }

    /** With a clock of the test's own, which may run ahead of the world's. */
    public InProcessOperator(
            Path kubeconfig,
            String installation,
            InventorySettings settings,
            InstantSource clock,
            Optional<Companion> companion) {
        kubernetes = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(new File(kubeconfig.toString())))
                .build();
        var fleet = new Fleet(metrics);
        tokens = new ProviderTokens(kubernetes, Chart.TOKENS);
        sessions = new CloudSessions(
                new OkHttpClient(),
                fleet,
                tokens,
                new AllowedEndpoints(Set.of(Chart.ENDPOINTS)),
                installation,
                settings,
                clock,
                metrics);
        var status = new StatusWriter(kubernetes, metrics);
        var eventRecorder = new EventRecorder(kubernetes, clock, "test");
        var client = companion.map(c -> new CompanionClient(c.uri.toString(), c.tokenFile, new OkHttpClient()));
        journalSink = new JournalSink(client.map(c -> new JournalDispatcher(
                new JournalClient(c), new DeliveryNotifier(fleet, eventRecorder), clock, metrics)));
        door = new GuestDoor(companion.map(c -> {
            var ours = new DoorClient(client.orElseThrow());
            return new GuestDoor.Connection(ours, new DoorInventory(ours, clock, metrics), c.door);
        }));
        var pullSecrets = new PullSecrets(kubernetes, Chart.TOKENS);
        operator = new Operator(o -> o.withKubernetesClient(kubernetes)
                .checkingCRDAndValidateLocalModel(false)
                .withMetrics(new ReconcileInstrumentation(metrics))
                .withResourceCloner(new ShallowCloneSerialization()::clone)
                .withCloseClientOnStop(false));
        var books = new Books(client);
        unownedPeriods = new UnownedPeriods(books, fleet, sessions, door, clock, metrics, Duration.ofMillis(500));
        operator.register(
                new ProviderConfigReconciler(fleet, sessions, status, books, door, eventRecorder, clock, metrics));
        operator.register(new AccountReconciler(fleet, status, unownedPeriods, clock));
        operator.register(
                new PlainVmReconciler(kubernetes, fleet, sessions, journalSink, status, eventRecorder, clock));
        operator.register(new AgentImageReconciler(fleet, status, pullSecrets, clock));
        operator.register(new AgentReconciler(
                kubernetes, fleet, sessions, door, journalSink, status, eventRecorder, pullSecrets, clock));
        operator.start();
        fleet.markSynced();
        door.start();
        journalSink.start();
        unownedPeriods.start();
    }

    public double count(String metric) {
        return metrics.find(metric).counters().stream()
                .mapToDouble(c -> c.count())
                .sum();
    }

    @Override
    public void close() {
        unownedPeriods.close();
        operator.stop();
        door.close();
        journalSink.close();
        sessions.close();
        tokens.close();
        kubernetes.close();
    }
}
