package dev.anchorhold.world;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the packaged product, {@code target/quarkus-app}, with one of its roles in a JVM of its own, so that it can be killed and
 * started again at any instant. It is configured by its environment alone, like a container.
 */
public abstract sealed class ProductProcess implements WorldPart permits OperatorProcess, CompanionProcess {
    private static final Path PROGRAM = Programs.CHECKOUT.resolve("target/quarkus-app/quarkus-run.jar");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** A start takes 1.0 s with these, 1.7 s without; an AOT cache would save another 0.3 s and is not worth its upkeep. */
    private static final List<String> FAST_START = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final String role;
    private final Settings settings;
    private final int managementPort;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    private final Daemon daemon;

    /**
     * @param folder for its log and pid file
     * @param kubeconfig whose rights it has
     * @param port of what it serves on 127.0.0.1: the companion's open paths; of the operator, which serves nothing, health and metrics
     * @param environment more settings, such as {@code ANCHORHOLD_INSTALLATION}; they go before the defaults
     * @param jvm flags of its JVM
     * @param container the command that runs it in its image, with the flags in {@code JAVA_TOOL_OPTIONS}; empty: in a JVM of this computer
     */
    public record Settings(
            Path folder,
            Path kubeconfig,
            int port,
            Map<String, String> environment,
            List<String> jvm,
            List<String> container) {

        /** On any free port, made to start fast. */
        public Settings(Path folder, Path kubeconfig, Map<String, String> environment) {
            this(folder, kubeconfig, Ports.free(), environment, FAST_START);
        }

        /** In a JVM of this computer. */
        public Settings(Path folder, Path kubeconfig, int port, Map<String, String> environment, List<String> jvm) {
            this(folder, kubeconfig, port, environment, jvm, List.of());
        }

        public Settings onPort(int wanted) {
            return new Settings(folder, kubeconfig, wanted, environment, jvm, container);
        }

        public Settings withJvm(String... flags) {
            return new Settings(folder, kubeconfig, port, environment, List.of(flags), container);
        }

        Settings withEnvironment(Map<String, String> all) {
            return new Settings(folder, kubeconfig, port, all, jvm, container);
        }

        public Settings inContainer(List<String> command) {
            return new Settings(folder, kubeconfig, port, environment, jvm, command);
        }
    }

    /**
     * Starts it without waiting until it is ready.
     *
     * @param managementPort of its health and metrics on 127.0.0.1
     */
    ProductProcess(String role, Settings settings, int managementPort) {
        if (!Files.exists(PROGRAM)) {
            throw new WorldFailure(
                    "The product is not built: " + PROGRAM + " is missing. Run: ./mvnw package -DskipTests");
        }
        this.role = role;
        this.settings = settings;
        this.managementPort = managementPort;
        Daemon.stopLeftovers(settings.folder());
        daemon = Daemon.start(role, settings.folder(), environment(), command());
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "KUBECONFIG",
                settings.kubeconfig().toString(),
                "ANCHORHOLD_HTTP_MANAGEMENT_PORT",
                Integer.toString(managementPort),
                // It is asked often while it starts, and would log each refusal.
                "QUARKUS_LOG_CATEGORY__IO_SMALLRYE_HEALTH__LEVEL",
                "ERROR",
                "ANCHORHOLD_ROLES",
                role,
                "ANCHORHOLD_NAMESPACE",
                Chart.NAMESPACE,
                "ANCHORHOLD_PROVIDER_ENDPOINTS",
                Chart.ENDPOINTS,
                "ANCHORHOLD_IDENTITY",
                "local-" + settings.port()));
        if (!settings.container().isEmpty()) {
            environment.put("JAVA_TOOL_OPTIONS", String.join(" ", flags()));
        }
        environment.putAll(settings.environment());
        return environment;
    }

    private List<String> command() {
        if (!settings.container().isEmpty()) {
            return settings.container();
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(flags());
        command.addAll(List.of("-jar", PROGRAM.toString()));
        return command;
    }

    private List<String> flags() {
        List<String> flags = new ArrayList<>();
        // As in the chart: a JVM that is short of memory would go on with some of its threads dead.
        flags.add("-XX:+ExitOnOutOfMemoryError");
        flags.addAll(settings.jvm());
        return flags;
    }

    /** Waits until it reports itself ready, and starts it again if it ends meanwhile, as a cluster would; stops it when it never is. */
    final void untilReady() {
        try (Supervisor supervisor = new Supervisor()) {
            supervisor.watch(this);
            untilReady(supervisor);
        }
    }

    /** The same, when it is watched already. */
    final void untilReady(Supervisor supervisor) {
        try {
            supervisor.awaitWell(this, PATIENCE);
        } catch (WorldFailure e) {
            throw new WorldFailure("%s%nIts last lines (%s):%n%s".formatted(e.getMessage(), log(), daemon.lastLines()));
        }
    }

    public URI uri() {
        return at(settings.port());
    }

    /** Where its health and metrics are: {@code /q/}. */
    public URI managementUri() {
        return at(managementPort);
    }

    static URI at(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    public Path log() {
        return daemon.log();
    }

    public long pid() {
        return daemon.pid();
    }

    public boolean isAlive() {
        return daemon.isAlive();
    }

    /** SIGKILL: no shutdown hook, no last write, no release of the lease. */
    public void kill9() {
        daemon.kill();
    }

    /** Starts it once more after a {@link #kill9}, or stops it orderly first. Does not wait until it is ready. */
    public void restart() {
        daemon.restart();
    }

    @Override
    public List<Restartable> processes() {
        return List.of(daemon);
    }

    @Override
    public String name() {
        return role;
    }

    @Override
    public Health health() {
        if (!isAlive()) {
            return new Health(false, "has ended; its log: " + log());
        }
        return isReady()
                ? new Health(true, uri().toString())
                : new Health(false, "not ready: " + managementUri() + "/q/health/ready; its log: " + log());
    }

    private boolean isReady() {
        try {
            HttpRequest request = HttpRequest.newBuilder(managementUri().resolve("/q/health/ready"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        daemon.close();
    }
}
