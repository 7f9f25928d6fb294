package dev.anchorhold.sim.hetzner;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * Parses networks and writes them as firewalls have them: canonical (RFC 5952), with no host bits (providers.md A.6).
 */
final class CanonicalCidr {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private CanonicalCidr() {}

    /** The canonical form; null when the text is no network or has host bits. */
    static String canonical(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 2 || !parts[1].matches("\\d{1,3}")) return null;
        byte[] address = parse(parts[0]);
        int prefix = Integer.parseInt(parts[1]);
        if (address == null || prefix > address.length * 8 || hasHostBits(address, prefix)) return null;
        return format(address) + "/" + prefix;
    }

    private static byte[] parse(String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) return null;
        try {
            byte[] address = InetAddress.ofLiteral(text).getAddress();
            return text.indexOf(':') >= 0 && address.length == 4 ? mapped(address) : address;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Java makes IPv4 of {@code ::ffff:1.2.3.4}. */
    private static byte[] mapped(byte[] ipv4) {
        byte[] address = new byte[16];
        address[10] = address[11] = (byte) 0xff;
        System.arraycopy(ipv4, 0, address, 12, 4);
        return address;
    }

    private static boolean hasHostBits(byte[] address, int prefix) {
        for (int bit = prefix; bit < address.length * 8; bit++) {
            if ((address[bit / 8] >> (7 - bit % 8) & 1) == 1) return true;
        }
        return false;
    }

    private static String format(byte[] address) {
        if (address.length == 4) {
            try {
                return InetAddress.getByAddress(address).getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) groups[i] = (address[2 * i] & 255) << 8 | address[2 * i + 1] & 255;
        int[] zeros = longestZeros(groups);
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == zeros[0]) {
                text.append("::");
                i += zeros[1] - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') text.append(':');
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** Where the first longest run of two or more zero groups begins, and its length; -1 when there is none. */
    private static int[] longestZeros(int[] groups) {
        int[] best = {-1, 1};
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && groups[i + length] == 0) length++;
            if (length > best[1]) best = new int[] {i, length};
            i += length;
        }
        return best;
    }
}
