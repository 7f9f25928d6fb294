package dev.anchorhold.cloud.cloudflare;

/** A record of the zone as the cloud describes it (providers.md B.2). {@code name} is the whole name, in lower case; {@code ttl} 1 means automatic. */
public record DnsRecord(String id, String name, String type, String content, boolean proxied, int ttl, String comment) {

    public DnsRecord {
        CloudflareWire.demand(id);
        name = CloudflareWire.host(name);
        type = type == null ? "" : type;
        content = CloudflareWire.host(content);
        comment = comment == null ? "" : comment;
    }

    /** Whether it is what was wanted, in all that we write. */
    public boolean is(HostName wanted) {
        return type.equals("CNAME")
                && proxied
                && name.equals(wanted.name())
                && content.equals(wanted.content())
                && comment.equals(wanted.comment());
    }
}
