package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.Kind;
import java.util.Collection;
import java.util.function.Function;

/** What an inventory of Cloudflare's watches. */
final class Kinds {
    /** A page holds a thousand, so a list of all is never dearer than one for a few. */
    private static final int UIDS_PER_LIST = 100_000;

    private Kinds() {}

    static Kind<String, Tunnel> tunnels(TunnelCalls calls, String installation) {
        var prefix = Marks.tunnelPrefix(installation);
        return kind(
                "tunnel",
                "our name",
                prefix,
                Tunnel::id,
                Tunnel::name,
                calls::get,
                (urgency, purpose, uids, page) -> isOne(uids)
                        ? calls.named(urgency, purpose, prefix + uids.iterator().next(), page)
                        : calls.beginningWith(urgency, purpose, prefix, page));
    }

    static Kind<String, DnsRecord> records(RecordCalls calls, String installation) {
        var prefix = Marks.commentPrefix(installation);
        return kind(
                "record",
                "our comment",
                prefix,
                DnsRecord::id,
                DnsRecord::comment,
                calls::get,
                (urgency, purpose, uids, page) -> calls.commented(
                        urgency, purpose, isOne(uids) ? prefix + uids.iterator().next() : prefix.strip(), page));
    }

    private static boolean isOne(Collection<String> uids) {
        return uids != null && uids.size() == 1;
    }

    private static <T> Kind<String, T> kind(
            String type,
            String mark,
            String prefix,
            Function<T, String> id,
            Function<T, String> marked,
            Kind.One<String, T> get,
            Kind.Selected<T> list) {
        Function<T, String> uid = it -> Marks.uidAfter(prefix, marked.apply(it));
        return new Kind<>(type, mark, id, it -> !uid.apply(it).isEmpty(), uid, _ -> false, get, list, UIDS_PER_LIST);
    }
}
