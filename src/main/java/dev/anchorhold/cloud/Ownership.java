package dev.anchorhold.cloud;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Builds and checks the labels by which an object in a cloud is known as ours. Ids in a status are a cache; these are
 * the truth (F03, F20).
 */
public final class Ownership {
    /** Which installation made it. Without an equal value an object is a stranger and is never touched. */
    public static final String INSTALLATION = "anchorhold.dev/installation";
    /** The kind of resource that it serves, for instance {@code PlainVm}. */
    public static final String KIND = "anchorhold.dev/kind";
    /** The UID of the custom resource that it serves. */
    public static final String UID = "anchorhold.dev/uid";

    /** On a volume that belongs to no object: since when, in seconds of Unix time. Kept there, since it is a matter of days. */
    public static final String ORPHANED_SINCE = "anchorhold.dev/orphaned-since";

    /**
     * Which installation let it go, in the place of {@link #INSTALLATION}: nobody looks after it, and its labels say
     * whose it was. For whoever lists what was let go.
     */
    public static final String ABANDONED = "anchorhold.dev/abandoned";

    private Ownership() {}

    /** As they are when it is let go; the same when it was already. */
    public static Map<String, String> abandoned(Map<String, String> labels) {
        var all = new HashMap<>(labels);
        String installation = all.remove(INSTALLATION);
        if (installation != null) {
            all.put(ABANDONED, installation);
        }
        return Map.copyOf(all);
    }

    public static Map<String, String> labels(String installation, String kind, String uid) {
        return Map.of(INSTALLATION, installation, KIND, kind, UID, uid);
    }

    public static Map<String, String> labels(String installation, String kind, String uid, Map<String, String> more) {
        var all = new HashMap<>(more);
        all.putAll(labels(installation, kind, uid));
        return Map.copyOf(all);
    }

    public static boolean isOurs(Map<String, String> labels, String installation) {
        return installation.equals(labels.get(INSTALLATION));
    }

    public static boolean isOf(Map<String, String> labels, String installation, String uid) {
        return isOurs(labels, installation) && uid.equals(labels.get(UID));
    }

    /** A label selector (providers.md A.9) for everything of the installation. */
    public static String selector(String installation) {
        return INSTALLATION + "=" + installation;
    }

    public static String selector(String installation, String uid) {
        return selector(installation) + "," + UID + "=" + uid;
    }

    public static String selector(String installation, Collection<String> uids) {
        return selector(installation) + "," + UID + " in (" + String.join(",", uids) + ")";
    }
}
