package dev.anchorhold.cloud.hetzner;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets its oldest entries beyond a number. */
final class Recent<K, V> extends LinkedHashMap<K, V> {
    private final int most;

    Recent(int most) {
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
    }
}
