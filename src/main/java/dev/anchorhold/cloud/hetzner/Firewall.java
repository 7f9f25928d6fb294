package dev.anchorhold.cloud.hetzner;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.cloud.Ownership;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A firewall as the cloud describes it (providers.md A.6). Its rules are read into their canonical form. */
public record Firewall(
        long id,
        String name,
        Map<String, String> labels,
        Instant created,
        @JsonProperty("rules") RuleSet rules,
        List<Applied> appliedTo) {

    public Firewall {
        HetznerJson.requireId(id);
        name = name == null ? "" : name;
        labels = labels == null ? Map.of() : Map.copyOf(labels);
        rules = rules == null ? RuleSet.EMPTY : rules;
        appliedTo = appliedTo == null ? List.of() : List.copyOf(appliedTo);
    }

    /** Where it holds: one server, or all that a label selector finds ({@code type} tells, the other is null). */
    public record Applied(String type, Target server, Selector labelSelector, List<Applied> appliedToResources) {}

    public record Target(long id) {}

    public record Selector(String selector) {}

    /** The UID of the resource that it serves; empty if it bears none, as a shared one does. */
    public String uid() {
        return labels.getOrDefault(Ownership.UID, "");
    }

    /** The same firewall once its labels are replaced by these. */
    public Firewall withLabels(Map<String, String> others) {
        return new Firewall(id, name, others, created, rules, appliedTo);
    }

    /** The servers on which it holds, by selector or by name. */
    public Set<Long> serverIds() {
        return servers().collect(Collectors.toUnmodifiableSet());
    }

    Stream<Long> servers() {
        return servers(appliedTo);
    }

    /** Of a shared one it concerns all who share it whether it is on any server, but not on which. */
    Object noteworthy() {
        return uid().isEmpty()
                ? List.of(name, labels, rules, selectors(), servers().findAny().isEmpty())
                : this;
    }

    /** Selectors that apply it: each must be removed before it can be deleted, even when it matches nothing (A.5). */
    public List<String> selectors() {
        return appliedTo.stream()
                .filter(a -> a.labelSelector != null)
                .map(a -> a.labelSelector.selector())
                .toList();
    }

    private static Stream<Long> servers(List<Applied> applied) {
        if (applied == null) return Stream.empty();
        return applied.stream()
                .flatMap(a -> Stream.concat(
                        a.server == null ? Stream.empty() : Stream.of(a.server.id), servers(a.appliedToResources)));
    }
}
