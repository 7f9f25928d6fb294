package dev.anchorhold.demo;

import dev.anchorhold.demo.Demo.DemoFailure;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Listable;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks for credentials and clouds that are not the demo's: a demo is no neighbour for them. The chart's templates look for the same
 * ({@code anchorhold.demo} in {@code _helpers.tpl}), but only when Helm itself renders them, and only once.
 */
record RealCredentials(KubernetesClient kubernetes, DemoSettings settings) {

    /** Ends the demo when there are any. */
    void refuse() {
        List<String> found =
                Stream.of(providers(), tokens(), keys()).flatMap(it -> it).toList();
        if (!found.isEmpty()) {
            throw new DemoFailure("A demo does not run beside real credentials, and here are "
                    + String.join(", ", found)
                    + ". Uninstall it (helm uninstall, in namespace " + settings.namespace()
                    + "), and try it in another cluster; or remove what is named here, if nothing real is behind it.");
        }
    }

    private Stream<String> providers() {
        return list(kubernetes.resources(ProviderConfig.class))
                .filter(it -> !isDemo(it.getSpec()))
                .map(it -> "the ProviderConfig " + it.getMetadata().getName());
    }

    private boolean isDemo(ProviderConfigSpec spec) {
        return settings.hetznerEndpoint().equals(spec.hetzner().endpoint())
                && (spec.cloudflare() == null
                        || settings.cloudflareEndpoint()
                                .equals(spec.cloudflare().endpoint()));
    }

    private Stream<String> tokens() {
        return list(kubernetes
                        .secrets()
                        .inNamespace(settings.tokenNamespace())
                        .withLabel(ApiNames.PROVIDER_TOKEN, "true"))
                .filter(it -> !isLabelled(it))
                .map(it -> "the provider's token %s in namespace %s"
                        .formatted(it.getMetadata().getName(), settings.tokenNamespace()));
    }

    private Stream<String> keys() {
        return settings.secrets().stream()
                .map(it -> kubernetes
                        .secrets()
                        .inNamespace(settings.namespace())
                        .withName(it)
                        .get())
                .filter(it -> it != null && !isLabelled(it))
                .map(it -> "the Secret %s in namespace %s"
                        .formatted(it.getMetadata().getName(), settings.namespace()));
    }

    /** Whether it is the demo's own. */
    static boolean isLabelled(HasMetadata object) {
        return object.getMetadata().getLabels() != null
                && "true".equals(object.getMetadata().getLabels().get(DemoSettings.LABEL));
    }

    /** Where the kind is not known there is none of it. */
    static <T extends HasMetadata> Stream<T> list(Listable<? extends KubernetesResourceList<T>> all) {
        try {
            return all.list().getItems().stream();
        } catch (KubernetesClientException e) {
            if (e.getCode() == 404) {
                return Stream.empty();
            }
            throw e;
        }
    }
}
