package dev.anchorhold.cloud.cloudflare;

import java.util.regex.Pattern;

/**
 * Builds and checks the names and comments by which a tunnel or a record is known as ours. Cloudflare has no labels: a
 * tunnel's exact name and a record's exact comment are the proof, and what bears another is a stranger's and is never
 * touched (F03, F19).
 */
public final class CloudflareOwnership {
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private CloudflareOwnership() {}

    public static String tunnelName(String installation, String uid) {
        return tunnelPrefix(installation) + uid;
    }

    /** Of a tunnel that was let go: nobody looks after it, and its name says whose it was. */
    public static String abandonedTunnelName(String installation, String uid) {
        return "abandoned-" + tunnelName(installation, uid);
    }

    /** Of a record that was let go. */
    public static String abandonedComment(String installation, String uid) {
        return "abandoned " + comment(installation, uid);
    }

    static String tunnelPrefix(String installation) {
        return "anchorhold-" + installation + "-";
    }

    /** At most 100 characters, as even the smallest plan allows (providers.md B.2). */
    public static String comment(String installation, String uid) {
        return commentPrefix(installation) + uid;
    }

    static String commentPrefix(String installation) {
        return "anchorhold " + installation + " ";
    }

    /** The UID behind the prefix; empty if something else is there: another installation's name may begin with ours. */
    static String uidAfter(String prefix, String text) {
        if (text == null || !text.startsWith(prefix)) return "";
        var rest = text.substring(prefix.length());
        return UID.matcher(rest).matches() ? rest : "";
    }
}
