package dev.anchorhold.sim.hetzner;

import java.util.List;

/**
 * Allocates public addresses from the ranges that are reserved for documentation and benchmarks: they belong to
 * nobody.
 */
final class AddressPool {
    private record Range(long first, int size) {}

    private static final List<Range> IPV4 = List.of(
            new Range(number(203, 0, 113, 1), 254),
            new Range(number(198, 51, 100, 1), 254),
            new Range(number(198, 18, 0, 1), (1 << 17) - 2));

    private final HetznerTables tables;
    private long ipv4Allocated;
    private long ipv6Allocated;

    AddressPool(HetznerTables tables) {
        this.tables = tables;
        long allocated = tables.count(HetznerRow.PrimaryIp.class);
        ipv4Allocated = allocated;
        ipv6Allocated = allocated;
    }

    /** The next free one of the first range that has one: an address just released comes last. */
    String nextIpv4() {
        for (Range range : IPV4) {
            for (int i = 0; i < range.size; i++) {
                String candidate = dotted(range.first + (ipv4Allocated + i) % range.size);
                if (!tables.hasAddress(candidate)) {
                    ipv4Allocated += i + 1;
                    return candidate;
                }
            }
        }
        throw new HetznerApiError(412, "resource_unavailable", "no addresses left");
    }

    String nextIpv6Network() {
        while (true) {
            ipv6Allocated++;
            String candidate = "2001:db8:%x:%x::/64".formatted(1 + ipv6Allocated / 0xffff, 1 + ipv6Allocated % 0xffff);
            if (!tables.hasAddress(candidate)) return candidate;
        }
    }

    private static long number(int a, int b, int c, int d) {
        return ((long) a << 24) | (b << 16) | (c << 8) | d;
    }

    private static String dotted(long n) {
        return "%d.%d.%d.%d".formatted(n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255);
    }
}
