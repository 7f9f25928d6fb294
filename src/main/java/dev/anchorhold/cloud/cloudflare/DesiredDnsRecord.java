package dev.anchorhold.cloud.cloudflare;

/**
 * A DNS record to be written: a name that leads to a tunnel, through Cloudflare's proxy, which alone can reach one
 * (providers.md B.2).
 */
public record DesiredDnsRecord(String name, String tunnelId, String comment) {
    public DesiredDnsRecord {
        name = CloudflareJson.lowerCase(name);
    }

    String content() {
        return CloudflareJson.lowerCase(tunnelId) + ".cfargotunnel.com";
    }
}
