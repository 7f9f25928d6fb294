package dev.anchorhold.cloud.cloudflare;

/** A tunnel just made. Whoever holds the {@code token} can be its connector: it appears in no message and no {@code toString}. */
public record CreatedTunnel(Tunnel tunnel, String token) {

    @Override
    public String toString() {
        return "CreatedTunnel[%s]".formatted(tunnel);
    }
}
