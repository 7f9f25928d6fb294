package dev.anchorhold.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.world.Chart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the API server was asked for by the product's ServiceAccounts, each sort of request once. */
final class AuditLog {
    private static final String ACCOUNTS = "system:serviceaccount:" + Chart.NAMESPACE + ":";

    /** Only who asked for what: neither what was sent nor what was answered. */
    private static final String POLICY = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - {level: Metadata, userGroups: ["system:serviceaccounts:%s"]}
          - {level: None}
        """.formatted(Chart.NAMESPACE);

    private final Path log;

    /** @param node the folder of the cluster's node */
    AuditLog(Path node) {
        log = node.resolve("logs/audit.log");
    }

    /** Has the node whose folder this is write one, from its start on. */
    static void writtenBy(Path node) throws IOException {
        Files.writeString(Files.createDirectories(node).resolve("audit-policy.yaml"), POLICY);
    }

    /**
     * A sort of request.
     *
     * @param account the ServiceAccount's name
     * @param resource with a subresource behind a slash; the path of what is no resource
     * @param namespace empty where there is none
     * @param name empty where there is none
     * @param authorized whether a role allowed it
     * @param refused by no role, or by an admission policy
     */
    record Access(
            String account,
            String verb,
            String group,
            String resource,
            String namespace,
            String name,
            boolean authorized,
            boolean refused) {}

    Set<Access> accesses() throws IOException {
        ObjectMapper json = new ObjectMapper();
        try (Stream<String> lines = Files.lines(log)) {
            return lines.map(line -> access(json, line)).collect(Collectors.toSet());
        }
    }

    private static Access access(ObjectMapper json, String line) {
        try {
            JsonNode event = json.readTree(line);
            JsonNode object = event.path("objectRef");
            String subresource = object.path("subresource").asText();
            String resource = object.isMissingNode()
                    ? event.path("requestURI").asText().replaceFirst("[?].*", "")
                    : object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource);
            return new Access(
                    event.at("/user/username").asText().replace(ACCOUNTS, ""),
                    event.path("verb").asText(),
                    object.path("apiGroup").asText(),
                    resource,
                    object.path("namespace").asText(),
                    object.path("name").asText(),
                    event.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asText()
                            .equals("allow"),
                    event.at("/responseStatus/code").asInt() == 403);
        } catch (IOException e) {
            throw new IllegalStateException("no line of an audit log: " + line, e);
        }
    }
}
