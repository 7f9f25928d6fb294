package dev.anchorhold.cloud.cloudflare;

/** A tunnel's configuration as the cloud keeps it. {@code version} grows by one with each write, whoever writes; the last one wins. */
public record Configuration(long version, Ingress ingress) {
    public Configuration {
        ingress = ingress == null ? Ingress.NONE : ingress;
    }
}
