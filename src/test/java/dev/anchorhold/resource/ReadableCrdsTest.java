package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.WorldFailure;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of what kubectl shows of the CRDs: explain, columns, short names. */
class ReadableCrdsTest {
    private static final List<String> KINDS =
            List.of("agents", "plainvms", "agentimages", "accounts", "providerconfigs");
    private static ControlPlane cluster;

    @BeforeAll
    static void install() {
        cluster = ControlPlane.shared();
        TestEnvironment.chart();
        // Kubernetes tells of new kinds, and explains them, a moment after it serves them.
        Awaitility.await()
                .ignoreExceptions()
                .until(() -> Stream.of("ag", "agimg", "pvm", "acct", "pcfg")
                        .allMatch(kind -> cluster.kubectl("explain", kind).contains("DESCRIPTION")));
    }

    private static CustomResourceDefinition served(String plural) {
        return cluster.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(plural + ".anchorhold.dev")
                .get();
    }

    @Test
    void every_field_is_described() {
        List<String> silent = new ArrayList<>();
        for (String kind : KINDS) {
            var schema =
                    served(kind).getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
            assertThat(schema.getDescription()).as(kind).isNotBlank();
            schema.getProperties().entrySet().stream()
                    .filter(part -> Set.of("spec", "status").contains(part.getKey()))
                    .forEach(part -> listSilent(kind + "." + part.getKey(), part.getValue(), silent));
        }
        assertThat(silent).isEmpty();
    }

    /** Each says something as a sentence. */
    private static void listSilent(String path, JSONSchemaProps field, List<String> silent) {
        String said = field.getDescription();
        if (said == null || !said.endsWith(".")) {
            silent.add(path);
        }
        if (field.getProperties() != null) {
            field.getProperties().forEach((name, inner) -> listSilent(path + "." + name, inner, silent));
        }
        if (field.getItems() != null && field.getItems().getSchema().getProperties() != null) {
            field.getItems()
                    .getSchema()
                    .getProperties()
                    .forEach((name, inner) -> listSilent(path + "[]." + name, inner, silent));
        }
    }

    /** A default there is a change at each client-side apply, and "out of sync" for ever in tools that compare. */
    @Test
    void H23_nothing_inside_a_list_item_has_a_default() {
        List<String> defaults = new ArrayList<>();
        for (String kind : KINDS) {
            listDefaults(
                    kind,
                    served(kind).getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(),
                    false,
                    defaults);
        }
        assertThat(defaults).isEmpty();
    }

    private static void listDefaults(String path, JSONSchemaProps field, boolean inItem, List<String> found) {
        if (inItem && field.getDefault() != null) {
            found.add(path);
        }
        if (field.getProperties() != null) {
            field.getProperties().forEach((name, inner) -> listDefaults(path + "." + name, inner, inItem, found));
        }
        if (field.getItems() != null) {
            listDefaults(path + "[]", field.getItems().getSchema(), true, found);
        }
        if (field.getAdditionalProperties() != null
                && field.getAdditionalProperties().getSchema() != null) {
            listDefaults(path + "{}", field.getAdditionalProperties().getSchema(), true, found);
        }
    }

    @Test
    void H24_what_nobody_has_looked_at_tells_of_no_generation_that_there_is() {
        for (String kind : KINDS) {
            assertThat(served(kind)
                            .getSpec()
                            .getVersions()
                            .getFirst()
                            .getSchema()
                            .getOpenAPIV3Schema()
                            .getProperties()
                            .get("status")
                            .getDefault()
                            .get("observedGeneration")
                            .asInt())
                    .as(kind)
                    .isEqualTo(-1);
        }
    }

    @Test
    void kubectl_explain_reads_like_documentation() {
        assertThat(cluster.kubectl("explain", "pvm.spec.firewall.inbound"))
                .contains(
                        "TCP/22 from anywhere when absent",
                        "closes every port",
                        "sources",
                        "From where, as CIDRs",
                        "enum: esp, gre, icmp");
        assertThat(cluster.kubectl("explain", "acct.spec.quotas")).contains("plainVms", "stopped ones included");
        assertThat(cluster.kubectl("explain", "pcfg.spec.hetzner.tokenSecretRef"))
                .contains("The Secret's name.");
    }

    @Test
    void the_columns_are_those_that_one_looks_for() {
        assertThat(columns("plainvms"))
                .containsExactly(
                        "Ready", "Reason", "State", "IP", "Size", "Region", "Account (wide)", "Server (wide)", "Age");
        assertThat(columns("agents"))
                .containsExactly(
                        "Ready",
                        "Reason",
                        "State",
                        "URL",
                        "Size",
                        "Region",
                        "Account (wide)",
                        "Server (wide)",
                        "Current (wide)",
                        "Age");
        assertThat(columns("agentimages"))
                .containsExactly("Ready", "Reason", "Revision", "Repository", "Digest (wide)", "Age");
        assertThat(columns("accounts"))
                .containsExactly("Ready", "Reason", "Display Name", "Provider", "VMs", "Agents", "Age");
        assertThat(columns("providerconfigs")).containsExactly("Ready", "Reason", "Firewalls", "Age");
    }

    private static List<String> columns(String kind) {
        return served(kind).getSpec().getVersions().getFirst().getAdditionalPrinterColumns().stream()
                .map(c -> c.getName() + (c.getPriority() != null && c.getPriority() > 0 ? " (wide)" : ""))
                .toList();
    }

    @Test
    void one_category_and_short_names() {
        for (String kind : KINDS) {
            assertThat(served(kind).getSpec().getNames().getCategories()).contains("anchorhold");
        }
        cluster.kubectl("get", "anchorhold", "--all-namespaces");
        assertThat(cluster.kubectl("api-resources", "--api-group=anchorhold.dev", "--no-headers"))
                .contains(
                        "agents",
                        "ag",
                        "agentimages",
                        "agimg",
                        "plainvms",
                        "pvm",
                        "accounts",
                        "acct",
                        "providerconfigs",
                        "pcfg");
    }

    @Test
    void a_misspelt_field_is_reported_by_kubectl(@TempDir Path folder) throws Exception {
        Path manifest = Files.writeString(folder.resolve("account.yaml"), """
                apiVersion: anchorhold.dev/v1alpha1
                kind: Account
                metadata: {name: typo}
                spec: {providerConfigRef: {name: x}, quota: {plainVms: 1}}
                """);
        assertThatThrownBy(() ->
                        cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "--filename=" + manifest))
                .isInstanceOf(WorldFailure.class)
                .hasMessageContaining("unknown field \"spec.quota\"");
    }
}
