package dev.anchorhold.world;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The product's chart, installed by the real Helm in a cluster whose nodes run pods: operator and companion. */
public final class HelmRelease implements WorldPart {
    private static final String NAME = "anchorhold";
    private static final String WAY_IN = "companion-from-outside";
    private static final List<String> DEPLOYMENTS = List.of("anchorhold-operator", "anchorhold-companion");

    /** The guests' network shows the door there. */
    private static final String DOOR = "http://172.31.1.1:8080";

    private final ControlPlane cluster;
    private final Path values;
    private final List<String> settings;

    private HelmRelease(ControlPlane cluster, Path values, List<String> settings) {
        this.cluster = cluster;
        this.values = values;
        this.settings = settings;
    }

    /**
     * Creates what the chart wants to be there, in a namespace that lets restricted pods in and no others, and installs it.
     *
     * @param keys the folder of the companion's keys
     * @param settings as of {@code --set}
     * @return when all its pods are ready
     */
    static HelmRelease install(ControlPlane cluster, CompanionDatabase database, Path keys, List<String> settings) {
        try {
            prepare(cluster, keys);
            Path values = Files.writeString(Files.createDirectories(keys).resolve("values.yaml"), values(database));
            HelmRelease release = new HelmRelease(cluster, values, settings);
            release.upgrade(settings.toArray(String[]::new));
            return release;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one that {@link #install} installed, with the values that it left in the folder. */
    public static HelmRelease installed(ControlPlane cluster, Path keys) {
        return new HelmRelease(cluster, keys.resolve("values.yaml"), List.of());
    }

    private static void prepare(ControlPlane cluster, Path keys) throws IOException {
        apply(
                cluster,
                new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(Chart.NAMESPACE)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build());
        // The server trusts whoever connects from this computer; Flyway and the chart want some password.
        secret(cluster, "anchorhold-database", Map.of("username", "anchorhold", "password", "none"));
        secret(cluster, "anchorhold-database-owner", Map.of("username", "anchorhold-owner", "password", "none"));
        secret(
                cluster,
                "anchorhold-sealing-keys",
                Map.of("current", Files.readString(CompanionProcess.sealingKey(keys.resolve("sealing-key")))));
        secret(
                cluster,
                "anchorhold-log-key",
                Map.of("log-key.pem", Files.readString(CompanionProcess.logSigningKey(keys.resolve("log-key.pem")))));
        apply(cluster, wayIn());
        apply(
                cluster,
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("prices")
                        .withNamespace(Chart.NAMESPACE)
                        .endMetadata()
                        .withData(Map.of("prices.yaml", Files.readString(SampleResources.PRICES)))
                        .build());
    }

    /** A Service beside the chart's, for what dials in from this computer: its address stays when the chart is uninstalled. */
    private static Service wayIn() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(WAY_IN)
                .withNamespace(Chart.NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withSelector(
                        Map.of("app.kubernetes.io/name", "anchorhold", "app.kubernetes.io/component", "companion"))
                .addNewPort()
                .withName("http")
                .withPort(80)
                .withTargetPort(new IntOrString("http"))
                .endPort()
                .addNewPort()
                .withName("door")
                .withPort(8082)
                .withTargetPort(new IntOrString("door"))
                .endPort()
                .endSpec()
                .build();
    }

    private static void secret(ControlPlane cluster, String name, Map<String, String> data) {
        apply(
                cluster,
                new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(Chart.NAMESPACE)
                        .endMetadata()
                        .withStringData(data)
                        .build());
    }

    private static void apply(ControlPlane cluster, HasMetadata object) {
        cluster.client().resource(object).forceConflicts().serverSideApply();
    }

    private static String values(CompanionDatabase database) {
        return """
            providers: {endpoints: ["http://%1$s:*"]}
            companion:
              enabled: true
              replicas: 1
              database: {url: "%2$s"}
              door:
                url: %3$s
                attemptsPerMinute: 6000
                trustedProxies: [%1$s/32, 10.244.0.1/32]
              ledger:
                origin: %4$s
                prices: {configMap: prices}
              api: {callsPerMinute: 60000, correctors: ["system:serviceaccount:default:reader"]}
              extraEnv: [{name: ANCHORHOLD_SIGN_IN_LINKS, value: "true"}]
            """.formatted(
                ClusterNode.ADDRESS,
                database.url().replaceAll("[?].*", "").replaceAll("(localhost|127[.]0[.]0[.]1)", ClusterNode.ADDRESS),
                DOOR,
                CompanionProcess.LOG_ORIGIN);
    }

    /**
     * {@code helm upgrade --install --wait}; returns when the pods are ready.
     *
     * @param settings as of {@code --set}; those of an upgrade before are forgotten
     */
    public void upgrade(String... settings) {
        upgrade(List.of("--timeout=5m"), settings);
    }

    /**
     * {@code helm upgrade --install --wait --rollback-on-failure}, which takes the release before back when the pods of this one are not ready in time.
     *
     * @throws WorldFailure when they were not
     */
    public void upgradeOrRollBack(Duration timeout, String... settings) {
        upgrade(List.of("--rollback-on-failure", "--timeout=" + timeout.toSeconds() + "s"), settings);
    }

    private void upgrade(List<String> options, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "upgrade",
                "--install",
                NAME,
                Programs.CHECKOUT.resolve("helm/anchorhold").toString(),
                "--values=" + values,
                "--wait"));
        arguments.addAll(options);
        Stream.of(settings).map("--set="::concat).forEach(arguments::add);
        helm(arguments.toArray(String[]::new));
    }

    /** {@code helm uninstall --wait}. The kinds, their objects and what these have in the clouds stay. */
    public void uninstall() {
        helm("uninstall", NAME, "--wait", "--timeout=5m");
    }

    /** What Helm has installed, as it came out of the chart's templates. */
    public String manifest() {
        return helm("get", "manifest", NAME);
    }

    private String helm(String... arguments) {
        return helm(cluster, Chart.NAMESPACE, arguments);
    }

    /**
     * Runs the real Helm.
     *
     * @return what it prints
     * @throws WorldFailure when it fails, with its message
     */
    public static String helm(ControlPlane cluster, String namespace, String... arguments) {
        String[] all = Stream.concat(Stream.of(arguments), Stream.of("--namespace=" + namespace))
                .toArray(String[]::new);
        return ExternalProgram.of(Programs.cluster().resolve("helm"), all)
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .run();
    }

    /** Where the companion is found in the cluster's network: its open paths at port 80, the guests' door at 8082. */
    String companionAddress() {
        return cluster.client()
                .services()
                .inNamespace(Chart.NAMESPACE)
                .withName(WAY_IN)
                .get()
                .getSpec()
                .getClusterIP();
    }

    @Override
    public String name() {
        return "chart";
    }

    @Override
    public Health health() {
        for (String it : DEPLOYMENTS) {
            Deployment deployment = deployment(it);
            Integer ready = deployment == null ? null : deployment.getStatus().getReadyReplicas();
            if (ready == null || !ready.equals(deployment.getSpec().getReplicas())) {
                return new Health(false, it + " is not ready. See: kubectl -n " + Chart.NAMESPACE + " get pods");
            }
        }
        return new Health(true, "helm release " + NAME + " in namespace " + Chart.NAMESPACE + ", its pods are ready");
    }

    private Deployment deployment(String name) {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(Chart.NAMESPACE)
                .withName(name)
                .get();
    }

    /** Installs it again where it was uninstalled. */
    @Override
    public void mend() {
        if (DEPLOYMENTS.stream().anyMatch(it -> deployment(it) == null)) {
            upgrade(settings.toArray(String[]::new));
        }
    }

    /** The pods end with the node; the release stays in the cluster's state. */
    @Override
    public void close() {}
}
