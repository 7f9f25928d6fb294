package dev.anchorhold.platform;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map of at most so many entries: a further one pushes out the one that was used longest ago. Not thread-safe. */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    private final int max;

    public BoundedMap(int max) {
        super(16, 0.75f, true);
        this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > max;
    }
}
