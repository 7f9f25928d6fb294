package dev.anchorhold.platform.web;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds a client's address: the connection's, or what a proxy of ours says in X-Forwarded-For. Read from the right, since each
 * proxy appends what it saw; the first address that is not one of our proxies' counts, whatever stands left of it.
 */
final class ClientAddress {
    private static final int IPV6_SITE_BYTES = 8;
    private static final Pattern ADDRESS = Pattern.compile(
            "\\[?([0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:](?::[0-9]{1,5})?)?|([0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?::[0-9]{1,5})?");

    private final List<Network> proxies;

    private record Network(byte[] address, int bits) {

        static Network parse(String cidr) {
            String[] parts = cidr.strip().split("/", 2);
            byte[] address = InetAddress.ofLiteral(parts[0]).getAddress();
            int bits = parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]);
            if (bits < 0 || bits > address.length * 8) {
                throw new IllegalArgumentException("not a network: " + cidr);
            }
            return new Network(address, bits);
        }

        boolean contains(InetAddress other) {
            byte[] bytes = other.getAddress();
            int whole = bits / 8;
            int rest = bits % 8;
            return bytes.length == address.length
                    && Arrays.equals(bytes, 0, whole, address, 0, whole)
                    && (rest == 0 || ((bytes[whole] ^ address[whole]) & 0xff) >> (8 - rest) == 0);
        }
    }

    /** @param trustedProxies networks in CIDR form */
    ClientAddress(List<String> trustedProxies) {
        proxies = trustedProxies.stream().map(Network::parse).toList();
    }

    /**
     * @param peer the connection's other end
     * @param forwardedFor the header's values, in their order
     * @return for IPv6 the /64, since a client has all of it
     */
    String of(String peer, List<String> forwardedFor) {
        Optional<InetAddress> address = parse(peer);
        String[] hops = String.join(",", forwardedFor).split(",");
        for (int i = hops.length - 1; i >= 0 && address.filter(this::isProxy).isPresent(); i--) {
            Optional<InetAddress> before = parse(hops[i]);
            if (before.isEmpty()) {
                break; // no proxy of ours wrote it
            }
            address = before;
        }
        return address.map(ClientAddress::bucket).orElse(peer);
    }

    boolean isProxy(InetAddress address) {
        return proxies.stream().anyMatch(it -> it.contains(address));
    }

    /** With a port or without: some proxies write it. Nothing but a whole literal counts; Java would take 7 for 0.0.0.7. */
    private static Optional<InetAddress> parse(String text) {
        var address = ADDRESS.matcher(text.strip());
        if (!address.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(address.group(1) == null ? address.group(2) : address.group(1)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static String bucket(InetAddress address) {
        if (address instanceof Inet6Address) {
            byte[] site = address.getAddress();
            Arrays.fill(site, IPV6_SITE_BYTES, site.length, (byte) 0);
            try {
                return InetAddress.getByAddress(site).getHostAddress() + "/64";
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e); // it has the length of an address
            }
        }
        return address.getHostAddress();
    }
}
