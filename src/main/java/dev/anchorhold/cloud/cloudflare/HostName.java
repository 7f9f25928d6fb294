package dev.anchorhold.cloud.cloudflare;

/** A wanted record: a name that leads to a tunnel, through Cloudflare's proxy, which alone can reach one (providers.md B.2). */
public record HostName(String name, String tunnelId, String comment) {
    public HostName {
        name = CloudflareWire.host(name);
    }

    String content() {
        return CloudflareWire.host(tunnelId) + ".cfargotunnel.com";
    }
}
