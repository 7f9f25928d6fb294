package dev.anchorhold.cloud.cloudflare;

import java.util.List;
import java.util.Map;

/**
 * Ingress rules of a tunnel: the first rule that fits a request names the service behind the connector. The last must
 * fit all (providers.md B.1).
 *
 * @param rules none: the tunnel was never configured
 * @param originRequest how services are spoken to, for all rules; nothing of ours
 */
public record Ingress(List<Rule> rules, Map<String, Object> originRequest) {
    public static final Ingress NONE = new Ingress(List.of(), Map.of());

    public Ingress {
        rules = rules == null ? List.of() : List.copyOf(rules);
        originRequest = originRequest == null ? Map.of() : Map.copyOf(originRequest);
    }

    /** {@code hostname} and {@code path} are empty where a rule fits all of them. */
    public record Rule(String hostname, String path, String service, Map<String, Object> originRequest) {
        public Rule {
            hostname = hostname == null ? "" : hostname;
            path = path == null ? "" : path;
            service = service == null ? "" : service;
            originRequest = originRequest == null ? Map.of() : Map.copyOf(originRequest);
        }
    }

    /** One host to one service, for instance {@code http://127.0.0.1:8080}; everything else is answered with 404 at the edge of the guest. */
    public static Ingress to(String hostname, String service) {
        return new Ingress(
                List.of(new Rule(hostname, "", service, Map.of()), new Rule("", "", "http_status:404", Map.of())),
                Map.of());
    }
}
