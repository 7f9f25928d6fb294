package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.CloudResourceType;
import java.util.Collection;
import java.util.function.Function;

/** The resource types that a Cloudflare inventory keeps: tunnels and records. */
final class CloudflareInformers {
    /** A page holds a thousand, so a list of all is never dearer than one for a few. */
    private static final int UIDS_PER_LIST = 100_000;

    private CloudflareInformers() {}

    static CloudResourceType<String, Tunnel> tunnels(TunnelClient calls, String installation) {
        var prefix = CloudflareOwnership.tunnelPrefix(installation);
        return kind(
                "tunnel",
                "our name",
                prefix,
                Tunnel::id,
                Tunnel::name,
                calls::get,
                (urgency, purpose, uids, page) -> isOne(uids)
                        ? calls.listByName(
                                urgency, purpose, prefix + uids.iterator().next(), page)
                        : calls.listByPrefix(urgency, purpose, prefix, page));
    }

    static CloudResourceType<String, DnsRecord> records(DnsRecordClient calls, String installation) {
        var prefix = CloudflareOwnership.commentPrefix(installation);
        return kind(
                "record",
                "our comment",
                prefix,
                DnsRecord::id,
                DnsRecord::comment,
                calls::get,
                (urgency, purpose, uids, page) -> calls.listByComment(
                        urgency, purpose, isOne(uids) ? prefix + uids.iterator().next() : prefix.strip(), page));
    }

    private static boolean isOne(Collection<String> uids) {
        return uids != null && uids.size() == 1;
    }

    private static <T> CloudResourceType<String, T> kind(
            String type,
            String mark,
            String prefix,
            Function<T, String> id,
            Function<T, String> marked,
            CloudResourceType.Reader<String, T> get,
            CloudResourceType.Lister<T> list) {
        Function<T, String> uid = it -> CloudflareOwnership.uidAfter(prefix, marked.apply(it));
        return new CloudResourceType<>(
                type, mark, id, it -> !uid.apply(it).isEmpty(), uid, it -> it, _ -> false, get, list, UIDS_PER_LIST);
    }
}
