package dev.anchorhold.cluster;

import static org.awaitility.Awaitility.await;

import dev.anchorhold.cluster.AuditLog.Access;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests objects that somebody changes all the time: the operator's writes meet conflicts, and it reads the object again. {@link RightsTest} sees
 * that it may.
 */
@Tag("cluster")
@Order(25)
class BusyObjectsTest {
    private static SharedCluster cluster;

    @BeforeAll
    static void objects_of_all_kinds() throws Exception {
        cluster = SharedCluster.withRelease();
        cluster.applySample("plainvm.yaml");
        cluster.applySample("agent.yaml");
        cluster.apply("""
            apiVersion: anchorhold.dev/v1alpha1
            kind: AgentImage
            metadata: {name: busy}
            spec: {repository: registry.example.org/busy, digest: "sha256:%s", revision: 1}
            """.formatted("1".repeat(64)));
    }

    /** @param change of the spec, with what is another each time */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PlainVm        | plainvms        | web   | \"firewall\": {\"inbound\": [{\"protocol\": \"tcp\", \"port\": \"22\", \"description\": \"%1$d\"}]}",
                "Agent          | agents          | coder | \"shareLogs\": %2$b",
                "Account        | accounts        | acme  | \"displayName\": \"ACME %1$d\"",
                "ProviderConfig | providerconfigs | local | \"agentBaseImage\": \"debian-%3$d\"",
                "AgentImage     | agentimages     | busy  | \"revision\": %1$d"
            })
    void its_status_is_written_all_the_same(String kind, String resource, String name, String change) {
        int[] round = {1};
        await().until(() -> {
            for (int i = 0; i < 20; i++) {
                boolean even = ++round[0] % 2 == 0;
                patch(kind, name, "{\"spec\": {%s}}".formatted(change.formatted(round[0], even, even ? 13 : 12)));
                for (int j = 0; j < 5; j++) {
                    patch(
                            kind,
                            name,
                            "{\"metadata\": {\"annotations\": {\"example.org/busy\": \"%d-%d\"}}}"
                                    .formatted(round[0], j));
                }
            }
            return resourcesReadAgain().contains(resource);
        });
    }

    private static Set<String> resourcesReadAgain() throws IOException {
        return new AuditLog(cluster.folder().of("node"))
                .accesses().stream()
                        .filter(it -> it.account().equals("anchorhold-operator")
                                && it.verb().equals("get"))
                        .map(Access::resource)
                        .collect(Collectors.toSet());
    }

    private static void patch(String kind, String name, String patch) {
        var objects = cluster.kubernetes().client().genericKubernetesResources("anchorhold.dev/v1alpha1", kind);
        boolean namespaced = kind.equals("PlainVm") || kind.equals("Agent");
        (namespaced ? objects.inNamespace("default").withName(name) : objects.withName(name))
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }
}
