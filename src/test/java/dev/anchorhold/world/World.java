package dev.anchorhold.world;

import dev.anchorhold.sim.guest.GuestDrivers;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane.Storage;
import dev.anchorhold.world.WorldFolder.Export;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All parts of the local world, started in their order and stopped in the opposite one. */
public final class World implements AutoCloseable {
    /** Parts that are only started when they are asked for. */
    static final Set<String> OPTIONAL = Set.of("redis");

    private static final int USUAL_OPERATOR_PORT = 18_090;
    private static final int USUAL_COMPANION_PORT = 18_091;
    private static final Map<String, String> PLAIN_LOG = Map.of("QUARKUS_CONSOLE_COLOR", "false");

    private final WorldFolder folder;
    private final Consumer<String> say;
    private final List<WorldPart> parts = new CopyOnWriteArrayList<>();
    private final List<Export> exports = new ArrayList<>();
    private final StatusPage statusPage = new StatusPage(() -> List.copyOf(parts));

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
     */
    public record Options(Optional<Path> kubeconfig, String guests, double speed, Set<String> with) {
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
     * Returns when the world is usable.
     *
     * @return commands to try it with
     */
    public List<String> start(Options options) {
        ControlPlane cluster = part(
                "Kubernetes",
                () -> options.kubeconfig()
                        .map(it -> ControlPlane.connect(it, folder.of("kubernetes")))
                        .orElseGet(() -> ControlPlane.start(folder.of("kubernetes"), Storage.LASTING)));
        export("KUBECONFIG", cluster.kubeconfig());
        export("ANCHORHOLD_KUBECTL", Programs.find("kubectl"));
        Chart chart = step(
                "Chart", "helm/anchorhold in namespace " + Chart.NAMESPACE, () -> Chart.install(cluster, Map.of()));

        HetznerPart hetzner =
                part("Hetzner", () -> HetznerPart.start(folder.root(), options.guests(), options.speed()));
        say.accept("  %-12s %s".formatted("Guests", hetzner.guests()));
        export("HCLOUD_ENDPOINT", hetzner.endpoint());
        export("HCLOUD_TOKEN", hetzner.token());
        CloudflarePart cloudflare = part("Cloudflare", () -> CloudflarePart.start(folder.root()));
        export("CLOUDFLARE_BASE_URL", cloudflare.simulator().endpoint());
        export("CLOUDFLARE_API_TOKEN", cloudflare.simulator().token());
        export("CLOUDFLARE_ACCOUNT_ID", cloudflare.simulator().accountId());
        export("ANCHORHOLD_EDGE", cloudflare.edge());
        Path sshKey = folder.of("ssh/id_ed25519");
        SampleResources.apply(cluster, sshKey, hetzner, cloudflare);
        if (hetzner.guestsAreReal()) {
            SampleImagePublisher.publish(cluster, folder.of("samples"));
        }
        export("ANCHORHOLD_SSH_KEY", sshKey);
        export("ANCHORHOLD_SSH_PROXY", GuestDrivers.proxyCommand(folder.root()));

        Postgres postgres = part("PostgreSQL", () -> Postgres.start(folder.of("postgres"), Ports.freeFrom(15_432)));
        export("ANCHORHOLD_POSTGRES", postgres.jdbcUrl());
        if (options.with().contains("redis")) {
            Redis redis = part("Redis", () -> Redis.start(folder.of("redis"), Ports.freeFrom(16_379)));
            export("ANCHORHOLD_REDIS", "redis://127.0.0.1:" + redis.port());
        }

        CompanionProcess companion = part("Companion", () -> startCompanion(chart, postgres));
        GuestDrivers.door(folder.root(), companion.uri().getPort());
        export("ANCHORHOLD_COMPANION", companion.uri());
        export("ANCHORHOLD_API_TOKEN_FILE", SampleResources.readersToken(cluster));
        part("Operator", () -> startOperator(chart, companion));
        export("ANCHORHOLD_STATUS", statusPage.uri());
        folder.writeEnvironment(exports);
        return hetzner.guestsAreReal() ? triedWithGuests() : triedOnPaper();
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

    private CompanionProcess startCompanion(Chart chart, Postgres postgres) {
        Map<String, String> environment = new HashMap<>(PLAIN_LOG);
        environment.put("ANCHORHOLD_LEDGER_PRICES", SampleResources.PRICES.toString());
        return CompanionProcess.start(
                        new ProductProcess.Settings(folder.of("companion"), chart.companionKubeconfig(), environment)
                                .onPort(Ports.freeFrom(USUAL_COMPANION_PORT)),
                        new DatabaseAndKeys(CompanionDatabase.in(postgres, "anchorhold"), folder.of("companion")))
                .awaitReady();
    }

    private OperatorProcess startOperator(Chart chart, CompanionProcess companion) {
        Map<String, String> environment = new HashMap<>(PLAIN_LOG);
        environment.putAll(companion.forOperator(chart.operatorTokenForCompanion()));
        return OperatorProcess.start(
                        new ProductProcess.Settings(folder.of("operator"), chart.operatorKubeconfig(), environment)
                                .onPort(Ports.freeFrom(USUAL_OPERATOR_PORT)))
                .awaitReady();
    }

    private <P extends WorldPart> P part(String title, Supplier<P> start) {
        Instant began = Instant.now();
        P part = start.get();
        parts.add(part);
        report(title, part.health().detail(), began);
        return part;
    }

    private <T> T step(String title, String detail, Supplier<T> work) {
        Instant began = Instant.now();
        T result = work.get();
        report(title, detail, began);
        return result;
    }

    private void report(String title, String detail, Instant began) {
        long millis = Duration.between(began, Instant.now()).toMillis();
        say.accept("  %-12s %s (%d.%d s)".formatted(title, detail, millis / 1_000, millis % 1_000 / 100));
    }

    private void export(String name, Object value) {
        exports.add(new Export(name, value.toString()));
    }

    /** Every part is closed, also when an earlier one fails to. */
    @Override
    public void close() {
        folder.forgetEnvironment();
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
