package dev.anchorhold.cloud.hetzner;

import java.util.Optional;

/**
 * An IP network, host bits zero; {@code toString} is its RFC 5952 form with the prefix. Text is parsed here and nowhere else, since
 * Java's own parser would ask the DNS for whatever is not an address.
 */
public record IpNetwork(Bytes network, int prefix) {

    /** Four or sixteen bytes that compare by content. */
    public record Bytes(String hex) {
        int[] unsigned() {
            var out = new int[hex.length() / 2];
            for (int i = 0; i < out.length; i++) out[i] = Integer.parseInt(hex, i * 2, i * 2 + 2, 16);
            return out;
        }
    }

    /** Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a bare address; empty for anything else. Host bits are cleared. */
    public static Optional<IpNetwork> parse(String text) {
        if (text == null || text.length() > 64) return Optional.empty();
        var stripped = text.strip();
        int slash = stripped.indexOf('/');
        var address = IpAddressText.parse(slash < 0 ? stripped : stripped.substring(0, slash));
        if (address == null) return Optional.empty();
        int bits = address.length * 8;
        int prefix = slash < 0 ? bits : IpAddressText.decimal(stripped.substring(slash + 1), bits);
        if (prefix < 0) return Optional.empty();
        var hex = new StringBuilder();
        for (int i = 0; i < address.length; i++) {
            int kept = Math.clamp(prefix - i * 8L, 0, 8);
            hex.append("%02x".formatted(address[i] & (0xff00 >> kept) & 0xff));
        }
        return Optional.of(new IpNetwork(new Bytes(hex.toString()), prefix));
    }

    public boolean isIpv6() {
        return network.hex.length() == 32;
    }

    /** The network's address plus one, without prefix: the address that Hetzner gives a server from its /64 (providers.md A.1). */
    public String firstHost() {
        var bytes = network.unsigned();
        bytes[bytes.length - 1] |= 1;
        return IpAddressText.format(bytes);
    }

    @Override
    public String toString() {
        return IpAddressText.format(network.unsigned()) + "/" + prefix;
    }
}
