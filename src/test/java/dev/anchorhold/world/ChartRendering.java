package dev.anchorhold.world;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The chart's manifests for some values, without a cluster and without the custom resource definitions. The same values are rendered once
 * for all tests.
 */
record ChartRendering(List<HasMetadata> objects) {
    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
    private static final Map<List<String>, ChartRendering> KNOWN = new ConcurrentHashMap<>();

    /** With it, all that the values ask for is there. */
    static final String COMPANION =
            "companion.enabled=true,companion.door.url=https://door.example.org,companion.ledger.origin=example.org/log";

    /**
     * Of the release {@code anchorhold} in {@code anchorhold-system}, with the companion.
     *
     * @param settings as of {@code --set}
     */
    static ChartRendering of(String... settings) {
        return ofRelease("anchorhold", Chart.NAMESPACE, settings);
    }

    static ChartRendering ofRelease(String release, String namespace, String... settings) {
        return rendered(release, namespace, Stream.concat(Stream.of(COMPANION), Arrays.stream(settings)));
    }

    /** With the demo, whose values bring the companion. */
    static ChartRendering ofDemo(String... settings) {
        return rendered(
                "anchorhold", Chart.NAMESPACE, Stream.concat(Stream.of("demo.enabled=true"), Arrays.stream(settings)));
    }

    private static ChartRendering rendered(String release, String namespace, Stream<String> settings) {
        List<String> all =
                Stream.concat(Stream.of("crds.install=false"), settings).toList();
        List<String> key =
                Stream.concat(Stream.of(release, namespace), all.stream()).toList();
        return KNOWN.computeIfAbsent(
                key, _ -> new ChartRendering(parse(Chart.render(Chart.FOLDER, release, namespace, all))));
    }

    private static List<HasMetadata> parse(String manifests) {
        return Arrays.stream(manifests.split("(?m)^---$"))
                .filter(it -> it.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .map(it -> (HasMetadata) SERIALIZATION.unmarshal(it))
                .toList();
    }

    <T extends HasMetadata> List<T> all(Class<T> kind) {
        return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    <T extends HasMetadata> T one(Class<T> kind, String name) {
        return all(kind).stream()
                .filter(it -> it.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind.getSimpleName() + " " + name));
    }

    Deployment operator() {
        return one(Deployment.class, "anchorhold-operator");
    }

    Deployment companion() {
        return one(Deployment.class, "anchorhold-companion");
    }

    static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }
}
