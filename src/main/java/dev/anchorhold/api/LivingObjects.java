package dev.anchorhold.api;

import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.platform.web.HttpProblem;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;

/** Asks Kubernetes whether the object of a resource in the books still exists. */
@ApplicationScoped
class LivingObjects {
    private final Instance<KubernetesClient> kubernetes;

    LivingObjects(Instance<KubernetesClient> kubernetes) {
        this.kubernetes = kubernetes;
    }

    /** @throws HttpProblem 503 when Kubernetes does not answer */
    boolean exists(Subject subject) {
        try {
            var object = kubernetes
                    .get()
                    .genericKubernetesResources(
                            ApiNames.GROUP + "/" + ApiNames.VERSION,
                            subject.kind().name())
                    .inNamespace(subject.namespace())
                    .withName(subject.name())
                    .get();
            return object != null && subject.uid().equals(object.getMetadata().getUid());
        } catch (KubernetesClientException _) {
            throw new HttpProblem(503, "Kubernetes does not say whether the object exists", null);
        }
    }
}
