package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * The item store behind a kind's informer, trimmed to save memory. It keeps of {@code metadata.managedFields}, which is
 * most of an object, only who wrote which field of the spec, of long annotations that are not ours a hash, and tells its listeners of each change, so that
 * {@link ItemIndex} and {@link QuotaRanking} need not count over all objects.
 */
public final class TrimmedItemStore<T extends HasMetadata> implements ItemStore<T> {
    /** So many objects of a kind are read at once when an operator starts: it never holds more than that many untrimmed, which its tenants fill. */
    public static final long PAGE = 100;

    private static final String SPEC = "f:spec";
    private static final int MAX_ANNOTATION = 64;

    private final Map<String, T> items = new ConcurrentHashMap<>();
    private final List<BiConsumer<T, T>> listeners = new CopyOnWriteArrayList<>();

    /** The one of the controller that is being started; its annotation {@code @Informer} names this class. */
    @SuppressWarnings("unchecked")
    static <T extends HasMetadata> TrimmedItemStore<T> of(EventSourceContext<T> controller) {
        return (TrimmedItemStore<T>)
                controller.getControllerConfiguration().getInformerConfig().getItemStore();
    }

    /** Called with an object as it was and as it is, null when it was not there or is not any more; one call after another. */
    void onChange(BiConsumer<T, T> listener) {
        listeners.add(listener);
    }

    @Override
    public String getKey(T item) {
        return Cache.metaNamespaceKeyFunc(item);
    }

    @Override
    public synchronized T put(String key, T item) {
        trim(item);
        T before = items.put(key, item);
        listeners.forEach(it -> it.accept(before, item));
        return before;
    }

    @Override
    public synchronized T remove(String key) {
        T before = items.remove(key);
        if (before != null) {
            listeners.forEach(it -> it.accept(before, null));
        }
        return before;
    }

    @Override
    public T get(String key) {
        return items.get(key);
    }

    @Override
    public Stream<String> keySet() {
        return items.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return items.values().stream();
    }

    @Override
    public int size() {
        return items.size();
    }

    private static void trim(HasMetadata item) {
        var annotations = item.getMetadata().getAnnotations();
        if (annotations != null) {
            annotations.replaceAll(
                    (key, value) -> key.startsWith(ApiNames.GROUP + "/") || value.length() <= MAX_ANNOTATION
                            ? value
                            : "%08x".formatted(value.hashCode())); // that it changed is seen all the same
        }
        var entries = item.getMetadata().getManagedFields();
        if (entries != null) {
            item.getMetadata()
                    .setManagedFields(entries.stream()
                            .filter(it -> it.getFieldsV1() != null
                                    && it.getFieldsV1()
                                                    .getAdditionalProperties()
                                                    .get(SPEC)
                                            instanceof Map<?, ?>)
                            .map(TrimmedItemStore::specOnly)
                            .toList());
        }
    }

    private static ManagedFieldsEntry specOnly(ManagedFieldsEntry entry) {
        Map<Object, Object> fields = new LinkedHashMap<>();
        ((Map<?, ?>) entry.getFieldsV1().getAdditionalProperties().get(SPEC))
                .keySet()
                .forEach(it -> fields.put(it, Map.of()));
        var kept = new FieldsV1();
        kept.setAdditionalProperty(SPEC, fields);
        entry.setFieldsV1(kept);
        return entry;
    }
}
