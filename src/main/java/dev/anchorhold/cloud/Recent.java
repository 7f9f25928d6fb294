package dev.anchorhold.cloud;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets its oldest entries beyond a number. */
public final class Recent<K, V> extends LinkedHashMap<K, V> {
    private final int most;

    public Recent(int most) {
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
