package dev.anchorhold.operator.fleet;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Index of a kind's objects by a key, kept up as they change: counting them, or finding any, costs the same however
 * many there are.
 */
final class ItemIndex<T extends HasMetadata> {
    private final Function<T, Optional<String>> key;
    private final Map<String, Set<ResourceID>> ids = new ConcurrentHashMap<>();

    /** @param key empty leaves an object out */
    ItemIndex(Function<T, Optional<String>> key) {
        this.key = key;
    }

    /** @see TrimmedItemStore#onChange */
    void changed(T before, T now) {
        var left = Optional.ofNullable(before).flatMap(key);
        var entered = Optional.ofNullable(now).flatMap(key);
        if (!left.equals(entered)) {
            left.ifPresent(it -> ids.computeIfPresent(it, (_, some) -> {
                some.remove(ResourceID.fromResource(before));
                return some.isEmpty() ? null : some;
            }));
            entered.ifPresent(it ->
                    ids.computeIfAbsent(it, _ -> ConcurrentHashMap.newKeySet()).add(ResourceID.fromResource(now)));
        }
    }

    int count(String key) {
        return ids.getOrDefault(key, Set.of()).size();
    }

    Optional<ResourceID> any(String key) {
        return ids.getOrDefault(key, Set.of()).stream().findAny();
    }
}
