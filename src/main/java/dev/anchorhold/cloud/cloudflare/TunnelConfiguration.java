package dev.anchorhold.cloud.cloudflare;

/** A tunnel's configuration as the cloud keeps it. {@code version} grows by one with each write, whoever writes; the last one wins. */
public record TunnelConfiguration(long version, Ingress ingress) {
    public TunnelConfiguration {
        ingress = ingress == null ? Ingress.NONE : ingress;
    }
}
