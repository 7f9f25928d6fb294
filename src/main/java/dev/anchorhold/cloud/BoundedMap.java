package dev.anchorhold.cloud;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets its oldest entries beyond a number. */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
    private final int capacity;

    public BoundedMap(int capacity) {
        this.capacity = capacity;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > capacity;
    }
}
