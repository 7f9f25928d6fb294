package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Rule;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes Hetzner's firewall as nftables rules, a chain for each guest, in the fabric's network namespace and not in
 * the guest's (providers.md A.6). The guest's chain sees packets on their way to the guest that belong to no existing
 * connection; answers of DHCP, metadata and DNS pass as such.
 */
final class InboundRules {

    static final String TABLE = """
            table inet hetzner {
              map by_address4 { type ipv4_addr : verdict; }
              map by_address6 { type ipv6_addr : verdict; flags interval; }
              chain inbound {
                type filter hook postrouting priority filter; policy accept;
                oifname != "guests" accept
                ct state established,related accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
                udp sport 67 udp dport 68 accept
                ip daddr vmap @by_address4
                ip6 daddr vmap @by_address6
              }
            }
            """;

    private static final Pattern CIDR = Pattern.compile("[0-9a-fA-F:.]+/[0-9]{1,3}");
    private static final Pattern PORTS = Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?");

    private InboundRules() {}

    /** One transaction: until it is committed the old rules hold, from then on the new ones. */
    static String replace(Machine machine, Inbound inbound) {
        var chain = chain(machine);
        var rules = inbound.open()
                ? Stream.of("accept")
                : Stream.concat(inbound.rules().stream().flatMap(InboundRules::statements), Stream.of("drop"));
        return Stream.of(
                        Stream.of("add chain " + chain, "flush chain " + chain),
                        rules.map(rule -> "add rule %s %s".formatted(chain, rule)),
                        elements("add", machine))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    static String remove(Machine machine) {
        return Stream.concat(elements("delete", machine), Stream.of("delete chain " + chain(machine)))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String chain(Machine machine) {
        return "inet hetzner guest_" + machine.serverId();
    }

    private static Stream<String> elements(String verb, Machine machine) {
        var jump = " : jump guest_" + machine.serverId();
        return Stream.concat(
                machine.ipv4().stream()
                        .map(address -> "%s element inet hetzner by_address4 { %s%s }".formatted(verb, address, jump)),
                machine.ipv6Network().stream()
                        .map(net -> "%s element inet hetzner by_address6 { %s%s }".formatted(verb, net, jump)));
    }

    private static Stream<String> statements(Rule rule) {
        return rule.sources().stream().map(source -> statement(rule, checked(CIDR, source)));
    }

    private static String statement(Rule rule, String source) {
        var v6 = source.contains(":");
        return "%s saddr %s %s accept".formatted(v6 ? "ip6" : "ip", source, match(rule, v6));
    }

    private static String match(Rule rule, boolean v6) {
        return switch (rule.protocol()) {
            case "tcp", "udp" -> ports(rule);
            case "icmp" -> "meta l4proto " + (v6 ? "ipv6-icmp" : "icmp");
            case "esp", "gre" -> "meta l4proto " + rule.protocol();
            default -> throw new GuestFailure("no such protocol: " + rule.protocol(), null);
        };
    }

    private static String ports(Rule rule) {
        return rule.ports()
                .filter(ports -> !ports.equals("any"))
                .map(ports -> "%s dport %s".formatted(rule.protocol(), checked(PORTS, ports)))
                .orElse("meta l4proto " + rule.protocol());
    }

    /** What is pasted into a rule is checked here as well, whoever checked it before. */
    private static String checked(Pattern pattern, String value) {
        if (!pattern.matcher(value).matches()) {
            throw new GuestFailure("not what a firewall rule can hold: " + value, null);
        }
        return value;
    }
}
