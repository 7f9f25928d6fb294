package dev.anchorhold.cloud.cloudflare;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.anchorhold.cloud.CloudPage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The envelopes of the API's JSON (providers.md B). */
final class CloudflareJson {
    private CloudflareJson() {}

    record TunnelAnswer(Tunnel result) {}

    record TunnelsAnswer(List<Tunnel> result, ResultInfo resultInfo) implements Listing<Tunnel> {}

    record CreatedAnswer(CreatedBody result) {}

    record CreatedBody(
            String id, String name, Tunnel.Status status, String configSrc, Instant createdAt, String token) {
        CreatedTunnel tunnel() {
            return new CreatedTunnel(new Tunnel(id, name, status, configSrc, createdAt, null, null), token);
        }

        @Override
        public String toString() {
            return "CreatedBody[%s, %s]".formatted(id, name);
        }
    }

    record TokenAnswer(String result) {
        @Override
        public String toString() {
            return "TokenAnswer";
        }
    }

    record ConfigurationAnswer(Configured result) {}

    record Configured(Long version, Config config) {
        TunnelConfiguration configuration() {
            return new TunnelConfiguration(
                    version == null ? 0 : version, config == null ? Ingress.NONE : config.read());
        }
    }

    record Config(
            List<ConfigRule> ingress,
            @JsonProperty("originRequest") Map<String, Object> originRequest) {
        Ingress read() {
            var rules = ingress == null
                    ? List.<Ingress.Rule>of()
                    : ingress.stream().map(ConfigRule::read).toList();
            return new Ingress(rules, withoutNulls(originRequest));
        }
    }

    record ConfigRule(
            String hostname,
            String path,
            String service,
            @JsonProperty("originRequest") Map<String, Object> originRequest) {
        Ingress.Rule read() {
            return new Ingress.Rule(hostname, path, service, withoutNulls(originRequest));
        }
    }

    record RecordAnswer(DnsRecord result) {}

    record RecordsAnswer(List<DnsRecord> result, ResultInfo resultInfo) implements Listing<DnsRecord> {}

    record ZonesAnswer(List<DnsZone> result, ResultInfo resultInfo) implements Listing<DnsZone> {}

    record ResultInfo(Integer page, Integer perPage, Integer totalCount) {}

    interface Listing<T> {
        List<T> result();

        ResultInfo resultInfo();

        /** Whether it says how much there is: without that nobody knows whether more follows (F12). */
        default boolean isComplete() {
            var info = resultInfo();
            return info != null
                    && info.page != null
                    && info.perPage != null
                    && info.perPage > 0
                    && info.totalCount != null;
        }

        /** The server may give fewer a page than it was asked for. */
        default CloudPage<T> page() {
            var info = resultInfo();
            boolean more = (long) info.page * info.perPage < info.totalCount;
            return new CloudPage<>(result(), more ? info.page + 1 : 0, info.totalCount);
        }
    }

    static Map<String, Object> newTunnel(String name) {
        return Map.of("name", name, "config_src", "cloudflare");
    }

    static Map<String, Object> config(Ingress ingress) {
        var rules = new ArrayList<Map<String, Object>>();
        for (var rule : ingress.rules()) {
            var fields = new LinkedHashMap<String, Object>();
            if (!rule.hostname().isEmpty()) fields.put("hostname", rule.hostname());
            if (!rule.path().isEmpty()) fields.put("path", rule.path());
            fields.put("service", rule.service());
            if (!rule.originRequest().isEmpty()) fields.put("originRequest", rule.originRequest());
            rules.add(fields);
        }
        return Map.of("config", Map.of("ingress", rules, "originRequest", ingress.originRequest()));
    }

    static Map<String, Object> record(DesiredDnsRecord wanted) {
        return Map.of(
                "type",
                "CNAME",
                "name",
                wanted.name(),
                "content",
                wanted.content(),
                "proxied",
                true,
                "ttl",
                1,
                "comment",
                wanted.comment());
    }

    private static Map<String, Object> withoutNulls(Map<String, Object> map) {
        if (map == null) return Map.of();
        var kept = new LinkedHashMap<>(map);
        kept.values().removeIf(value -> value == null);
        return kept;
    }

    static String lowerCase(String name) {
        return name == null ? "" : name.toLowerCase(Locale.ROOT);
    }

    /** Without an id an object is none. */
    static void requireId(String id) {
        if (id == null || id.isBlank()) throw new IllegalArgumentException("no id");
    }
}
