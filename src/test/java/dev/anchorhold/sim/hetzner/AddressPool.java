package dev.anchorhold.sim.hetzner;

import java.util.List;

/** Public addresses from the ranges that are reserved for documentation and benchmarks: they belong to nobody. */
final class AddressPool {
    private record Range(long first, int size) {}

    private static final List<Range> IPV4 = List.of(
            new Range(number(203, 0, 113, 1), 254),
            new Range(number(198, 51, 100, 1), 254),
            new Range(number(198, 18, 0, 1), (1 << 17) - 2));

    private final HetznerTables hetznerTables;
    private long ipv4Given;
    private long ipv6Given;

    AddressPool(HetznerTables hetznerTables) {
        this.hetznerTables = hetznerTables;
        long given = hetznerTables.count(HetznerRow.PrimaryIp.class);
        ipv4Given = given;
        ipv6Given = given;
    }

    /** The next free one of the first range that has one: an address just given back comes last. */
    String nextIpv4() {
        for (Range range : IPV4) {
            for (int i = 0; i < range.size; i++) {
                String candidate = dotted(range.first + (ipv4Given + i) % range.size);
                if (!hetznerTables.hasAddress(candidate)) {
                    ipv4Given += i + 1;
                    return candidate;
                }
            }
        }
        throw new HetznerApiError(412, "resource_unavailable", "no addresses left");
    }

    String nextIpv6Network() {
        while (true) {
            ipv6Given++;
            String candidate = "2001:db8:%x:%x::/64".formatted(1 + ipv6Given / 0xffff, 1 + ipv6Given % 0xffff);
            if (!hetznerTables.hasAddress(candidate)) return candidate;
        }
    }

    private static long number(int a, int b, int c, int d) {
        return ((long) a << 24) | (b << 16) | (c << 8) | d;
    }

    private static String dotted(long n) {
        return "%d.%d.%d.%d".formatted(n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255);
    }
}
