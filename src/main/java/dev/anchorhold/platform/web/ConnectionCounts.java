package dev.anchorhold.platform.web;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Counts the open connections of one port, in all and of each address, and refuses what would be too many: until its headers are
 * whole a request costs memory, and nothing of it can be looked at. A proxy of ours, which speaks for many, has no share of its own.
 */
final class ConnectionCounts {
    /** With as many headers as fit into each, half of the heap that the chart gives a companion. */
    static final int MAX = 1_024;

    static final int MAX_OF_AN_ADDRESS = 256;

    private final Predicate<InetAddress> isProxy;
    private final Map<String, Integer> ofAddresses = new HashMap<>();
    private int all;

    ConnectionCounts(Predicate<InetAddress> isProxy) {
        this.isProxy = isProxy;
    }

    /** Whether there is room for another; then it counts until it is {@link #closed}. */
    synchronized boolean open(String address) {
        int ofAddress = ofAddresses.getOrDefault(address, 0);
        if (all >= MAX || ofAddress >= MAX_OF_AN_ADDRESS && !isProxy.test(InetAddress.ofLiteral(address))) {
            return false;
        }
        all++;
        ofAddresses.put(address, ofAddress + 1);
        return true;
    }

    synchronized void closed(String address) {
        all--;
        ofAddresses.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }
}
