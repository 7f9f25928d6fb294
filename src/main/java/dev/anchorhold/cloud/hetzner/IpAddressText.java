package dev.anchorhold.cloud.hetzner;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Parses and formats IP addresses as text, without a look-up. Formats IPv6 as RFC 5952 asks. */
final class IpAddressText {
    private IpAddressText() {}

    /** The bytes (0 to 255) of an IPv4 or IPv6 address, or null. Zones and names are refused. */
    static int[] parse(String text) {
        return text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    }

    static String format(int[] bytes) {
        return bytes.length == 4 ? bytes[0] + "." + bytes[1] + "." + bytes[2] + "." + bytes[3] : ipv6(bytes);
    }

    /** A decimal number from 0 to {@code max} without sign or leading zeros, or -1. */
    static int decimal(String text, int max) {
        if (!text.matches("0|[1-9]\\d{0,4}")) return -1;
        int value = Integer.parseInt(text);
        return value <= max ? value : -1;
    }

    private static int[] ipv4(String text) {
        var parts = text.split("\\.", -1);
        if (parts.length != 4) return null;
        var bytes = new int[4];
        for (int i = 0; i < 4; i++) {
            bytes[i] = decimal(parts[i], 255);
            if (bytes[i] < 0) return null;
        }
        return bytes;
    }

    private static int[] ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return null;
        var head = groups(gap < 0 ? text : text.substring(0, gap));
        var tail = gap < 0 ? List.<Integer>of() : groups(text.substring(gap + 2));
        if (head == null || tail == null) return null;
        int count = head.size() + tail.size();
        if (gap < 0 ? count != 8 : count > 7) return null;
        var all = new ArrayList<>(head);
        while (all.size() + tail.size() < 8) all.add(0);
        all.addAll(tail);
        var bytes = new int[16];
        for (int i = 0; i < 8; i++) {
            bytes[i * 2] = all.get(i) >> 8;
            bytes[i * 2 + 1] = all.get(i) & 0xff;
        }
        return bytes;
    }

    private static List<Integer> groups(String text) {
        var out = new ArrayList<Integer>();
        if (text.isEmpty()) return out;
        var parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                var dotted = ipv4(parts[i]);
                if (dotted == null) return null;
                out.add(dotted[0] << 8 | dotted[1]);
                out.add(dotted[2] << 8 | dotted[3]);
            } else if (parts[i].matches("[0-9A-Fa-f]{1,4}")) {
                out.add(Integer.parseInt(parts[i], 16));
            } else {
                return null;
            }
        }
        return out;
    }

    private static String ipv6(int[] bytes) {
        var groups = new int[8];
        for (int i = 0; i < 8; i++) groups[i] = bytes[i * 2] << 8 | bytes[i * 2 + 1];
        int start = -1;
        int length = 1; // a single zero group is not shortened
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) run++;
            if (run > length) {
                start = i;
                length = run;
            }
        }
        if (start < 0) return join(groups, 0, 8);
        return join(groups, 0, start) + "::" + join(groups, start + length, 8);
    }

    private static String join(int[] groups, int from, int to) {
        var text = new StringJoiner(":");
        for (int i = from; i < to; i++) text.add(Integer.toHexString(groups[i]));
        return text.toString();
    }
}
