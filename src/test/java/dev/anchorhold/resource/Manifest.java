package dev.anchorhold.resource;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** A manifest with the real API server's answer to it, by a dry run unless it is created. */
record Manifest(GenericKubernetesResource object) {

    static Manifest of(String yaml) {
        GenericKubernetesResource object =
                cluster().getKubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class);
        // Who applies it: it may say that it is to be let go.
        object.getMetadata()
                .setAnnotations(
                        Map.of(ApiNames.ABANDONED_BY, ControlPlane.shared().user()));
        return new Manifest(object);
    }

    private static KubernetesClient cluster() {
        TestEnvironment.chart();
        return ControlPlane.shared().client();
    }

    /** What it is when it has been accepted: defaults filled in. */
    GenericKubernetesResource accepted() {
        return cluster().resource(object).dryRun().create();
    }

    /** Why it is refused; empty when it is accepted. Unknown fields are a reason, as with {@code kubectl --validate=strict}. */
    Optional<String> refusal() {
        try {
            cluster()
                    .resource(object)
                    .dryRun()
                    .fieldValidation(Validation.STRICT)
                    .create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }

    /** Why this change of an object that is there is refused; empty when it is accepted, which changes nothing. */
    Optional<String> refusalOfChange() {
        try {
            cluster().resource(object).dryRun().update();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(
                    e.getStatus() == null ? e.getMessage() : e.getStatus().getMessage());
        }
    }

    Manifest create() {
        return new Manifest(cluster().resource(object).create());
    }

    void delete() {
        cluster().resource(object).delete();
    }

    /** A field's value by its path, such as {@code spec.firewall.inbound}. */
    static Object at(GenericKubernetesResource object, String path) {
        return object.get(Arrays.stream(path.split("\\.")).toArray());
    }
}
