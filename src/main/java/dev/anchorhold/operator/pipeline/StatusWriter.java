package dev.anchorhold.operator.pipeline;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one writer of status: server-side apply under our own field manager, with the resourceVersion that was observed, so
 * that a stale write is refused (409) and the reconcile starts over. Writes nothing when nothing changed.
 */
public final class StatusWriter {
    public static final String FIELD_MANAGER = "anchorhold-operator";
    private static final int CONFLICT = 409;

    private final KubernetesClient kubernetes;
    private final Counter writes;
    private final Counter refused;

    /** What we wrote last, by UID: the informer's cache lags behind our own writes. */
    private final Map<String, HasMetadata> written = new ConcurrentHashMap<>();

    public StatusWriter(KubernetesClient kubernetes, MeterRegistry metrics) {
        this.kubernetes = kubernetes;
        this.writes = metrics.counter("anchorhold.status.writes");
        this.refused = metrics.counter("anchorhold.status.conflicts");
    }

    /** The newer of what the cache has and what we wrote last. */
    public <T extends HasMetadata> T newest(T cached) {
        HasMetadata mine = written.get(cached.getMetadata().getUid());
        if (mine == null || version(mine) <= version(cached)) {
            written.remove(cached.getMetadata().getUid(), mine);
            return cached;
        }
        @SuppressWarnings("unchecked")
        T newer = (T) mine;
        return newer;
    }

    /**
     * Writes it if it differs from what is there.
     *
     * @return false when the object had changed meanwhile: reconcile again
     */
    public <T> boolean write(CustomResource<?, T> object, T status) {
        if (Objects.equals(object.getStatus(), status)) {
            return true;
        }
        var patch = new GenericKubernetesResource();
        patch.setApiVersion(object.getApiVersion());
        patch.setKind(object.getKind());
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(object.getMetadata().getName())
                .withNamespace(object.getMetadata().getNamespace())
                .withResourceVersion(object.getMetadata().getResourceVersion())
                .build());
        patch.setAdditionalProperty("status", status);
        try {
            HasMetadata now = kubernetes
                    .resource(object)
                    .subresource("status")
                    .patch(
                            new PatchContext.Builder()
                                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                    .withFieldManager(FIELD_MANAGER)
                                    .withForce(true)
                                    .build(),
                            kubernetes.getKubernetesSerialization().asJson(patch));
            writes.increment();
            written.put(object.getMetadata().getUid(), now);
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT) {
                refused.increment();
                return false;
            }
            if (e.getCode() == 404) { // deleted meanwhile: nothing to write
                return true;
            }
            throw e;
        }
    }

    public void forget(String uid) {
        written.remove(uid);
    }

    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
