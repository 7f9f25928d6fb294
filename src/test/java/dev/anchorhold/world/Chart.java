package dev.anchorhold.world;

import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Installs the product's chart in a cluster: rendered by helm and applied as the administrator, with no Helm release
 * around it, so that it can be applied again and again. Its Deployments have no replicas: operator and companion run
 * as {@link OperatorProcess} and {@link CompanionProcess}.
 */
public final class Chart {
    /** The namespace in which it is installed. */
    public static final String NAMESPACE = "anchorhold-system";

    /** Where it looks for the providers' tokens. */
    public static final String TOKENS = NAMESPACE + "-tokens";

    /** Where the world's clouds are: without this leave no token would be sent there. */
    public static final String ENDPOINTS = "http://127.0.0.1:*";

    static final Path FOLDER = Programs.CHECKOUT.resolve("helm/anchorhold");

    private static final String COMPANION = "anchorhold-companion";
    private static final String SERVICE_ACCOUNT = "anchorhold-operator";
    private static final Duration TOKEN_LIFETIME = Duration.ofDays(30);

    private final ControlPlane cluster;

    private Chart(ControlPlane cluster) {
        this.cluster = cluster;
    }

    /** Installs the chart of this checkout and returns when its kinds are served. Doing it again is an update. */
    public static Chart install(ControlPlane cluster, Map<String, String> values) {
        return install(cluster, FOLDER, values);
    }

    static Chart install(ControlPlane cluster, Path chart, Map<String, String> values) {
        String manifests = withoutTests(render(chart, values));
        String all = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %s}
            ---
            %s\
            """.formatted(NAMESPACE, manifests);
        ExternalProgram.of(Programs.find("kubectl"), "apply", "--server-side", "--force-conflicts", "--filename=-")
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .input(all)
                .run();
        awaitKinds(cluster, manifests);
        return new Chart(cluster);
    }

    private static String render(Path chart, Map<String, String> values) {
        List<String> settings = new ArrayList<>(List.of(
                "operator.replicas=0",
                "providers.endpoints={%s}".formatted(ENDPOINTS),
                "companion.enabled=true,companion.replicas=0,companion.door.url=http://door",
                "companion.ledger.origin=" + CompanionProcess.LOG_ORIGIN));
        values.forEach((name, value) -> settings.add(name + "=" + value));
        return render(chart, "anchorhold", NAMESPACE, settings);
    }

    /** Helm runs them when it is asked to, and not as it installs. */
    static String withoutTests(String manifests) {
        return Arrays.stream(manifests.split("(?m)^---$"))
                .filter(it -> !it.contains("helm.sh/hook: test"))
                .collect(joining("---"));
    }

    /**
     * What {@code helm template} says.
     *
     * @param settings as of {@code --set}
     */
    static String render(Path chart, String release, String namespace, List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "template",
                release,
                chart.toString(),
                "--namespace=" + namespace,
                "--include-crds",
                "--kube-version=v1.34.4"));
        settings.forEach(it -> arguments.add("--set=" + it));
        return ExternalProgram.of(Programs.find("helm"), arguments.toArray(String[]::new))
                .run();
    }

    /**
     * Asks the API server what it would do with the manifests, and refuses a field that it does not know.
     *
     * @return what it would have done, a line each
     */
    static String dryRun(ControlPlane cluster, String manifests) {
        return ExternalProgram.of(
                        Programs.find("kubectl"),
                        "apply",
                        "--server-side",
                        "--force-conflicts",
                        "--dry-run=server",
                        "--validate=strict",
                        "--filename=-")
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .input(manifests)
                .run();
    }

    private static void awaitKinds(ControlPlane cluster, String manifests) {
        for (HasMetadata it : cluster.client()
                .load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items()) {
            if (it instanceof CustomResourceDefinition definition) {
                cluster.client().resource(definition).waitUntilCondition(Chart::isEstablished, 30, TimeUnit.SECONDS);
            }
        }
    }

    private static boolean isEstablished(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(it -> it.getType().equals("Established")
                                && it.getStatus().equals("True"));
    }

    /** A kubeconfig with exactly the rights that the chart gives the operator, good for 30 days. */
    public Path operatorKubeconfig() {
        return cluster.kubeconfigOf(NAMESPACE, SERVICE_ACCOUNT, TOKEN_LIFETIME);
    }

    /** A kubeconfig with exactly the rights that the chart gives the companion, good for 30 days. */
    public Path companionKubeconfig() {
        return cluster.kubeconfigOf(NAMESPACE, COMPANION, TOKEN_LIFETIME);
    }

    /** A file with the token by which the operator calls the companion, as a Pod finds it in its volume. */
    public Path operatorTokenForCompanion() {
        return cluster.tokenOf(NAMESPACE, SERVICE_ACCOUNT, COMPANION, TOKEN_LIFETIME);
    }
}
