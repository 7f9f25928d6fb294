package dev.anchorhold.cloud.hetzner;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One rule in canonical form, so that equality means "the same rule" (F25): lower-case words, CIDRs as RFC 5952 with host bits zero,
 * sorted and without doubles, ports without leading zeros. What the cloud sends and we cannot read is kept as it came. An empty
 * {@code port} means that the protocol has none; an empty description is none.
 */
public record FirewallRule(
        String direction,
        String protocol,
        String port,
        List<String> sourceIps,
        List<String> destinationIps,
        String description) {
    private static final Pattern PORTS = Pattern.compile("0*(\\d{1,5})(?:\\s*-\\s*0*(\\d{1,5}))?");

    public FirewallRule {
        direction = word(direction);
        protocol = word(protocol);
        port = ports(protocol, port);
        sourceIps = canonical(sourceIps);
        destinationIps = canonical(destinationIps);
        description = description == null ? "" : description;
    }

    /** Lets {@code sources} in. {@code port} is one ("22"), a range ("8000-8100"), or "any"; only TCP and UDP have one. */
    public static FirewallRule inbound(String protocol, String port, List<String> sources, String description) {
        sources.forEach(FirewallRule::demandCidr);
        return new FirewallRule("in", protocol, port, sources, List.of(), description);
    }

    private static void demandCidr(String text) {
        if (IpNetwork.parse(text).isEmpty()) throw new IllegalArgumentException("not a CIDR: '" + text + "'");
    }

    private static String word(String text) {
        return text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
    }

    private static String ports(String protocol, String port) {
        if (!protocol.equals("tcp") && !protocol.equals("udp")) return "";
        var text = word(port);
        if (text.isEmpty() || text.equals("any")) return "any";
        var parts = PORTS.matcher(text);
        if (!parts.matches()) return text;
        if (parts.group(2) == null || parts.group(2).equals(parts.group(1))) return parts.group(1);
        return parts.group(1).equals("1") && parts.group(2).equals("65535")
                ? "any"
                : parts.group(1) + "-" + parts.group(2);
    }

    private static List<String> canonical(List<String> cidrs) {
        if (cidrs == null) return List.of();
        return cidrs.stream()
                .map(text -> IpNetwork.parse(text).map(IpNetwork::toString).orElse(text))
                .distinct()
                .sorted()
                .toList();
    }
}
