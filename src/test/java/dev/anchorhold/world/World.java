package dev.anchorhold.world;

import dev.anchorhold.sim.guest.GuestDrivers;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane.Storage;
import dev.anchorhold.world.WorldFolder.Export;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All parts of the local world: started side by side as far as they can be, supervised, and stopped in the opposite order. */
public final class World implements AutoCloseable {
    /** Parts that are only started when they are asked for. */
    static final Set<String> OPTIONAL = Set.of("redis");

    /** As {@code ./dev status} lists them; a part is stopped before those that it needs. */
    private static final List<String> ORDER = List.of(
            "node",
            "kubernetes",
            "hetzner",
            "cloudflare",
            "postgres",
            "redis",
            "network",
            "companion",
            "operator",
            "chart",
            "services");

    private static final int USUAL_POSTGRES_PORT = 15_432;
    private static final int USUAL_REDIS_PORT = 16_379;
    private static final int USUAL_OPERATOR_PORT = 18_090;
    private static final int USUAL_COMPANION_PORT = 18_091;
    private static final Map<String, String> PLAIN_LOG = Map.of("QUARKUS_CONSOLE_COLOR", "false");

    private final WorldFolder folder;
    private final Consumer<String> say;
    private final List<WorldPart> parts = new CopyOnWriteArrayList<>();
    private final List<Export> exports = new ArrayList<>();
    private final Supervisor supervisor = new Supervisor();
    private boolean closed;
    private final StatusPage statusPage = new StatusPage(() -> List.copyOf(parts), supervisor);

    /** @param say where each part is reported as it comes up, a line each */
    public World(WorldFolder folder, Consumer<String> say) {
        this.folder = folder;
        this.say = say;
    }

    /**
     * What the user asked for.
     *
     * @param kubeconfig the cluster to use instead of our own
     * @param guests what a simulated server is: {@code auto, schema, nspawn, qemu}
     * @param speed how many times faster than the real cloud the simulated one is
     * @param with parts of {@link #OPTIONAL}
     * @param images the folder of the images' archives, when operator and companion shall run as pods of a {@link ClusterNode}
     * @param chartSettings what Helm is told by {@code --set} then, besides what this world needs
     * @param realGuests how many servers have a guest that runs; those beyond are on paper only
     */
    public record Options(
            Optional<Path> kubeconfig,
            String guests,
            double speed,
            Set<String> with,
            Optional<Path> images,
            List<String> chartSettings,
            int realGuests) {
        public Options(
                Optional<Path> kubeconfig, String guests, double speed, Set<String> with, Optional<Path> images) {
            this(kubeconfig, guests, speed, with, images, List.of(), GuestDrivers.MAX_REAL_GUESTS);
        }

        public Options {
            if (!OPTIONAL.containsAll(with)) {
                throw new WorldFailure("There is no such part: %s. There are: %s".formatted(with, OPTIONAL));
            }
            if (!(speed > 0)) {
                throw new WorldFailure("--speed must be more than 0; 1 is the real cloud's");
            }
        }
    }

    /**
     * Returns when the world is usable. On a failure it returns when nothing is being started any more.
     *
     * @return commands to try it with
     */
    public List<String> start(Options options) {
        try (ExecutorService sideBySide = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Clouds> clouds = sideBySide.submit(() -> startClouds(options));
            Future<Postgres> postgres = sideBySide.submit(() -> part(
                    "PostgreSQL", () -> Postgres.start(folder.of("postgres"), Ports.freeFrom(USUAL_POSTGRES_PORT))));
            Future<?> redis = sideBySide.submit(() -> startRedis(options));
            if (options.images().isPresent()) {
                PodWorld pods = startPods(options, sideBySide, clouds, postgres);
                get(redis);
                exportAll(pods.cluster(), get(clouds), get(postgres), pods.companion(), pods.door());
                return get(clouds).hetzner().guestsAreReal() ? triedWithGuests() : triedOnPaper();
            }
            Future<ControlPlane> cluster = sideBySide.submit(() -> startCluster(options));
            Future<Chart> chart = sideBySide.submit(() -> installChart(get(cluster)));
            Future<CompanionProcess> companion = sideBySide.submit(() -> launchCompanion(get(chart), get(postgres)));
            Future<?> companionReady = sideBySide.submit(() -> awaitReady("Companion", get(companion)));
            Future<?> operatorReady =
                    sideBySide.submit(() -> awaitReady("Operator", launchOperator(get(chart), get(companion))));
            Future<?> samples = sideBySide.submit(() -> applySamples(get(cluster), get(chart), get(clouds)));
            for (Future<?> it : List.of(redis, samples, companionReady, operatorReady)) {
                get(it);
            }
            exportAll(
                    get(cluster),
                    get(clouds),
                    get(postgres),
                    get(companion).uri(),
                    get(companion).doorUri().getPort());
            return get(clouds).hetzner().guestsAreReal() ? triedWithGuests() : triedOnPaper();
        }
    }

    /** Both clouds: their guests and their connectors share a network. */
    private record Clouds(HetznerPart hetzner, CloudflarePart cloudflare) {}

    /**
     * A cluster whose pods are the product.
     *
     * @param companion what it serves, on this computer
     * @param door the port of the guests' door on this computer
     */
    private record PodWorld(ControlPlane cluster, URI companion, int door) {}

    private PodWorld startPods(
            Options options, ExecutorService sideBySide, Future<Clouds> clouds, Future<Postgres> postgres) {
        Path images = options.images().orElseThrow();
        Future<ClusterNode> started =
                sideBySide.submit(() -> part("Node", () -> ClusterNode.start(folder.of("node"), images)));
        CompanionDatabase database = CompanionDatabase.in(get(postgres), "anchorhold");
        ClusterNode node = get(started);
        ControlPlane cluster =
                part("Kubernetes", () -> ControlPlane.connect(node.kubeconfig(), folder.of("kubernetes")));
        HetznerPart hetzner = get(clouds).hetzner();
        CloudflarePart cloudflare = get(clouds).cloudflare();
        part(
                "Network",
                () -> PortRelay.start(
                        "network",
                        folder.of("node"),
                        node,
                        List.of(
                                PortRelay.intoNode(hetzner.endpoint().getPort()),
                                PortRelay.intoNode(
                                        cloudflare.simulator().endpoint().getPort()),
                                PortRelay.intoNode(get(postgres).port()))));
        HelmRelease release = part(
                "Chart", () -> HelmRelease.install(cluster, database, folder.of("companion"), options.chartSettings()));
        SampleResources.apply(cluster, sshKey(), hetzner, cloudflare, ClusterNode.ADDRESS);
        if (hetzner.guestsAreReal()) {
            SampleImagePublisher.publish(cluster, folder.of("samples"));
        }
        int port = Ports.freeFrom(USUAL_COMPANION_PORT);
        int door = Ports.free();
        part(
                "Services",
                () -> PortRelay.start(
                        "services",
                        folder.of("node"),
                        node,
                        List.of(
                                PortRelay.outOfNode(port, release.companionAddress() + ":80"),
                                PortRelay.outOfNode(door, release.companionAddress() + ":8082"))));
        return new PodWorld(cluster, URI.create("http://127.0.0.1:" + port), door);
    }

    private ControlPlane startCluster(Options options) {
        return part(
                "Kubernetes",
                () -> options.kubeconfig()
                        .map(it -> ControlPlane.connect(it, folder.of("kubernetes")))
                        .orElseGet(() -> ControlPlane.start(folder.of("kubernetes"), Storage.LASTING)));
    }

    private Chart installChart(ControlPlane cluster) {
        Instant began = Instant.now();
        Chart chart = Chart.install(cluster, Map.of());
        report("Chart", "helm/anchorhold in namespace " + Chart.NAMESPACE, began);
        return chart;
    }

    private Clouds startClouds(Options options) {
        HetznerPart hetzner = part(
                "Hetzner",
                () -> HetznerPart.start(folder.root(), options.guests(), options.realGuests(), options.speed()));
        say.accept("  %-12s %s".formatted("Guests", hetzner.guests()));
        export("ANCHORHOLD_SPEED", options.speed()); // by which clients' patience can go
        return new Clouds(hetzner, part("Cloudflare", () -> CloudflarePart.start(folder.root())));
    }

    private Void startRedis(Options options) {
        if (options.with().contains("redis")) {
            Redis redis = part("Redis", () -> Redis.start(folder.of("redis"), Ports.freeFrom(USUAL_REDIS_PORT)));
            export("ANCHORHOLD_REDIS", "redis://127.0.0.1:" + redis.port());
        }
        return null;
    }

    /** @param installed the chart, which has the samples' kinds */
    private Void applySamples(ControlPlane cluster, Chart installed, Clouds clouds) {
        SampleResources.apply(cluster, sshKey(), clouds.hetzner(), clouds.cloudflare(), "127.0.0.1");
        if (clouds.hetzner().guestsAreReal()) {
            SampleImagePublisher.publish(cluster, folder.of("samples"));
        }
        return null;
    }

    private Path sshKey() {
        return folder.of("ssh/id_ed25519");
    }

    private void exportAll(ControlPlane cluster, Clouds clouds, Postgres postgres, URI companion, int doorPort) {
        GuestDrivers.door(folder.root(), doorPort);
        export("KUBECONFIG", cluster.kubeconfig());
        export("ANCHORHOLD_KUBECTL", Programs.find("kubectl"));
        export("HCLOUD_ENDPOINT", clouds.hetzner().endpoint());
        export(
                "HETZNER_ENDPOINT",
                clouds.hetzner().endpoint()); // else newer clients dial the real one for storage boxes
        export("HCLOUD_TOKEN", clouds.hetzner().token());
        export("CLOUDFLARE_BASE_URL", clouds.cloudflare().simulator().endpoint());
        export("CLOUDFLARE_API_TOKEN", clouds.cloudflare().simulator().token());
        export("CLOUDFLARE_ACCOUNT_ID", clouds.cloudflare().simulator().accountId());
        export("ANCHORHOLD_EDGE", clouds.cloudflare().edge());
        export("ANCHORHOLD_EDGE_CONNECTORS", clouds.cloudflare().connectors());
        export("ANCHORHOLD_SSH_KEY", sshKey());
        export("ANCHORHOLD_SSH_PROXY", GuestDrivers.proxyCommand(folder.root()));
        export("ANCHORHOLD_POSTGRES", postgres.jdbcUrl());
        export("ANCHORHOLD_COMPANION", companion);
        export("ANCHORHOLD_API_TOKEN_FILE", SampleResources.readersToken(cluster));
        export("ANCHORHOLD_STATUS", statusPage.uri());
        folder.writeEnvironment(exports);
    }

    private static List<String> triedOnPaper() {
        return List.of(
                "./dev kubectl apply -f k8s-dev/samples/plainvm.yaml",
                "./dev kubectl wait --for=condition=Ready plainvm/web --timeout=120s",
                "./dev hcloud server list",
                "./dev api usage?by=resource");
    }

    private static List<String> triedWithGuests() {
        return List.of(
                "./dev kubectl apply -f k8s-dev/samples/plainvm.yaml -f k8s-dev/samples/agent.yaml",
                "./dev kubectl wait --for=condition=Ready plainvm/web agent/coder --timeout=180s",
                "./dev ssh web",
                "curl $(./dev kubectl get agent coder -o jsonpath={.status.url})",
                "./dev api audit-events");
    }

    private CompanionProcess launchCompanion(Chart chart, Postgres postgres) {
        Map<String, String> environment = new HashMap<>(PLAIN_LOG);
        environment.put("ANCHORHOLD_LEDGER_PRICES", SampleResources.PRICES.toString());
        environment.put("ANCHORHOLD_SIGN_IN_LINKS", "true");
        return supervised(CompanionProcess.start(
                new ProductProcess.Settings(folder.of("companion"), chart.companionKubeconfig(), environment)
                        .onPort(Ports.freeFrom(USUAL_COMPANION_PORT)),
                new DatabaseAndKeys(CompanionDatabase.in(postgres, "anchorhold"), folder.of("companion"))));
    }

    private OperatorProcess launchOperator(Chart chart, CompanionProcess companion) {
        Map<String, String> environment = new HashMap<>(PLAIN_LOG);
        environment.putAll(companion.forOperator(chart.operatorTokenForCompanion()));
        return supervised(OperatorProcess.start(
                new ProductProcess.Settings(folder.of("operator"), chart.operatorKubeconfig(), environment)
                        .onPort(Ports.freeFrom(USUAL_OPERATOR_PORT))));
    }

    private Void awaitReady(String title, ProductProcess process) {
        Instant began = Instant.now();
        process.untilReady(supervisor);
        report(title, process.uri().toString(), began);
        return null;
    }

    /** The part of that class, of a world that has started. */
    public <P extends WorldPart> P part(Class<P> type) {
        return parts.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    private <P extends WorldPart> P part(String title, Supplier<P> start) {
        Instant began = Instant.now();
        P part = supervised(start.get());
        report(title, part.health().detail(), began);
        return part;
    }

    private synchronized <P extends WorldPart> P supervised(P part) {
        if (closed) {
            part.close();
            throw new WorldFailure("The world is being stopped.");
        }
        parts.add(part);
        parts.sort(Comparator.comparing(it -> ORDER.indexOf(it.name())));
        supervisor.watch(part);
        return part;
    }

    private static <T> T get(Future<T> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldFailure("Interrupted while starting the world", e);
        }
    }

    private void report(String title, String detail, Instant began) {
        long millis = Duration.between(began, Instant.now()).toMillis();
        say.accept("  %-12s %s (%d.%d s)".formatted(title, detail, millis / 1_000, millis % 1_000 / 100));
    }

    private synchronized void export(String name, Object value) {
        exports.add(new Export(name, value.toString()));
    }

    /** Every part is closed, also when an earlier one fails to. */
    @Override
    public void close() {
        folder.forgetEnvironment();
        supervisor.close();
        synchronized (this) {
            closed = true;
        }
        for (WorldPart part : parts.reversed()) {
            try {
                part.close();
            } catch (RuntimeException e) {
                say.accept("  " + part.name() + " did not stop cleanly: " + e.getMessage());
            }
        }
        parts.clear();
        statusPage.close();
    }
}
