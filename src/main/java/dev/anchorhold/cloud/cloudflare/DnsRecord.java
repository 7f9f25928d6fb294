package dev.anchorhold.cloud.cloudflare;

/** A record of the zone as the cloud describes it (providers.md B.2). {@code name} is the whole name, in lower case; {@code ttl} 1 means automatic. */
public record DnsRecord(String id, String name, String type, String content, boolean proxied, int ttl, String comment) {

    public DnsRecord {
        CloudflareJson.requireId(id);
        name = CloudflareJson.lowerCase(name);
        type = type == null ? "" : type;
        content = CloudflareJson.lowerCase(content);
        comment = comment == null ? "" : comment;
    }

    /** Whether it is what was wanted, in all that we write. */
    public boolean matches(DesiredDnsRecord wanted) {
        return type.equals("CNAME")
                && proxied
                && name.equals(wanted.name())
                && content.equals(wanted.content())
                && comment.equals(wanted.comment());
    }
}
