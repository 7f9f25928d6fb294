package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * All rules of a firewall as a set, without order and duplicates: equal sets are equal firewalls (F25). Sent whole,
 * also when empty (F24).
 */
public record RuleSet(@JsonValue List<FirewallRule> rules) {
    public static final RuleSet EMPTY = new RuleSet(List.of());

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public RuleSet {
        rules = rules == null
                ? List.of()
                : rules.stream()
                        .distinct()
                        .sorted(Comparator.comparing(RuleSet::text))
                        .toList();
    }

    public static RuleSet of(Collection<FirewallRule> rules) {
        return new RuleSet(List.copyOf(rules));
    }

    /** SHA-256 of the canonical form, 64 hex digits: the name by which equal rules share one firewall. Must never change. */
    public String contentHash() {
        try {
            var sha = MessageDigest.getInstance("SHA-256");
            for (var rule : rules) sha.update(text(rule).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String text(FirewallRule rule) {
        var text = new StringBuilder();
        field(text, rule.direction());
        field(text, rule.protocol());
        field(text, rule.port());
        field(text, String.join(",", rule.sourceIps()));
        field(text, String.join(",", rule.destinationIps()));
        field(text, rule.description());
        return text.append('\n').toString();
    }

    /** With its length before it, so that no text can pretend to be two fields. */
    private static void field(StringBuilder text, String value) {
        text.append(value.length()).append(':').append(value).append(' ');
    }
}
