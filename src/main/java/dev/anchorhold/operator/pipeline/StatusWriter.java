package dev.anchorhold.operator.pipeline;

import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.resource.JournalEntry;
import dev.anchorhold.resource.ObjectStatus;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The one writer of status: server-side apply under our own field manager, with the resourceVersion that was observed, so
 * that a stale write is refused (409) and the reconcile starts over. Writes nothing when nothing changed.
 */
public final class StatusWriter {
    private static final int CONFLICT = 409;
    private static final int ATTEMPTS = 5;

    private final KubernetesClient kubernetes;
    private final Counter writes;
    private final Counter refused;

    /** What we wrote last, by UID: the informer's cache lags behind our own writes. */
    private final Map<String, HasMetadata> written = new ConcurrentHashMap<>();

    /** The UIDs of objects whose last write failed: the API server was away, or the object is full. */
    private final Set<String> unwritten = ConcurrentHashMap.newKeySet();

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

    /** Whether the object's last write failed: then nothing more is done for it before it is told what is done. */
    boolean isUnwritten(HasMetadata object) {
        return unwritten.contains(uid(object));
    }

    /**
     * Writes it if it differs from what is there. Where the object was changed meanwhile, but neither its spec nor its status was, it is written
     * all the same: else somebody who annotates his object all the time would keep his status from being written.
     *
     * @return false when the status had changed meanwhile: reconcile again
     */
    public <T> boolean write(CustomResource<?, T> object, T status) {
        if (Objects.equals(object.getStatus(), status)) {
            return true;
        }
        Optional<CustomResource<?, T>> onto = Optional.of(object);
        for (int i = 0; i < ATTEMPTS && onto.isPresent(); i++) {
            if (apply(onto.get(), status)) {
                return true;
            }
            onto = withSameStatus(object)
                    .filter(now -> now.getMetadata()
                            .getGeneration()
                            .equals(object.getMetadata().getGeneration()));
        }
        return false;
    }

    /**
     * Writes the journal alone, whatever spec there is by now, as long as the status is the one that was observed: what was seen does not
     * change with the spec, and somebody who changes that all the time would keep it from the books. What makes sense only together with the
     * rest of the status, a transfer or another server, is not written alone.
     */
    public <T extends ObjectStatus> void writeJournal(CustomResource<?, T> object, T status) {
        var before = ObjectStatus.own(object);
        var told = before.map(ObjectStatus::journal).orElse(List.of());
        var server = before.map(ObjectStatus::serverId);
        boolean alone = server.filter(id -> !id.equals(status.serverId())).isEmpty()
                && status.journal().stream().allMatch(e -> e.previousAccount() == null || told.contains(e));
        if (alone && !status.journal().equals(told)) {
            var onto = withSameStatus(object);
            for (int i = 0; i < ATTEMPTS && onto.isPresent() && !patchJournal(onto.get(), status.journal()); i++) {
                onto = withSameStatus(object);
            }
        }
    }

    private boolean patchJournal(CustomResource<?, ?> object, List<JournalEntry> journal) {
        var patch = Map.of(
                "metadata", Map.of("resourceVersion", object.getMetadata().getResourceVersion()),
                "status", Map.of("journal", journal));
        return patch(
                object,
                PatchContext.of(PatchType.JSON_MERGE),
                kubernetes.getKubernetesSerialization().asJson(patch));
    }

    private <T> Optional<CustomResource<?, T>> withSameStatus(CustomResource<?, T> object) {
        return Optional.<CustomResource<?, T>>ofNullable(
                        kubernetes.resource(object).get())
                .filter(now -> uid(now).equals(uid(object)))
                .filter(now -> Objects.equals(now.getStatus(), object.getStatus()));
    }

    /**
     * Removes a status that was written for another object: restored or copied, it says nothing of this one.
     *
     * @return false when the object had changed meanwhile: reconcile again
     */
    public boolean remove(CustomResource<?, ?> object) {
        return patch(
                object,
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\": {\"resourceVersion\": \"%s\"}, \"status\": null}"
                        .formatted(object.getMetadata().getResourceVersion()));
    }

    private <T> boolean apply(CustomResource<?, T> object, T status) {
        var patch = new GenericKubernetesResource();
        patch.setApiVersion(object.getApiVersion());
        patch.setKind(object.getKind());
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(object.getMetadata().getName())
                .withNamespace(object.getMetadata().getNamespace())
                .withResourceVersion(object.getMetadata().getResourceVersion())
                .build());
        patch.setAdditionalProperty("status", status);
        return patch(
                object,
                new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(FieldManagers.OPERATOR)
                        .withForce(true)
                        .build(),
                kubernetes.getKubernetesSerialization().asJson(patch));
    }

    private boolean patch(CustomResource<?, ?> object, PatchContext how, String patch) {
        try {
            HasMetadata now = kubernetes.resource(object).subresource("status").patch(how, patch);
            writes.increment();
            written.put(uid(object), now);
            unwritten.remove(uid(object));
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT) {
                refused.increment();
                return false;
            }
            if (e.getCode() == 404) { // deleted meanwhile: nothing to write
                return true;
            }
            unwritten.add(uid(object));
            throw e;
        }
    }

    public void forget(String uid) {
        written.remove(uid);
        unwritten.remove(uid);
    }

    private static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }

    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }
}
