package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests what users and the operator may do, as the real API server enforces the chart's roles and policies. */
class AdmissionTest {
    private static final ControlPlane CLUSTER = ControlPlane.shared();

    private String namespace;

    @BeforeEach
    void install() {
        Chart.install(CLUSTER, Map.of());
        namespace = CLUSTER.newNamespace("admission");
        bind("editor", "edit");
        bind("boss", "anchorhold-admin");
        bind("viewer", "view");
        // Kubernetes adds the chart's roles to its own a moment after they are installed.
        Awaitility.await().until(() -> may("editor", "create", "plainvms"));
    }

    @AfterAll
    static void restore() {
        Chart.install(CLUSTER, Map.of());
    }

    // ---- transfer

    @Test
    void a_transfer_is_refused_to_everybody_unless_the_chart_allows_it() {
        create("editor", "vm", "acme");
        Awaitility.await()
                .untilAsserted(() -> assertThat(refusal("boss", "vm", "{\"spec\": {\"account\": \"other\"}}"))
                        .get()
                        .asString()
                        .contains("spec.account is fixed", "plainVm.transfer"));
    }

    @Test
    void where_the_chart_allows_it_the_verb_transfer_is_needed() {
        Chart.install(CLUSTER, Map.of("plainVm.transfer", "yes"));
        create("editor", "vm", "acme");
        Awaitility.await()
                .untilAsserted(() -> assertThat(refusal("editor", "vm", "{\"spec\": {\"account\": \"other\"}}"))
                        .get()
                        .asString()
                        .contains("spec.account", "needs the verb \"transfer\"", "anchorhold-admin"));
        assertThat(refusal("editor", "vm", "{\"spec\": {\"operatingMode\": \"Stopped\"}}"))
                .as("all else may be changed")
                .isEmpty();
        assertThat(refusal("boss", "vm", "{\"spec\": {\"account\": \"other\"}}"))
                .isEmpty();
    }

    @Test
    void handing_over_an_agent_needs_the_verb_transfer() {
        create("editor", "Agent", "agent", "acme");
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(refusal("editor", "Agent", "agent", "{\"spec\": {\"account\": \"other\"}}"))
                                .get()
                                .asString()
                                .contains("spec.account", "needs the verb \"transfer\"", "anchorhold-admin"));
        assertThat(refusal("editor", "Agent", "agent", "{\"spec\": {\"operatingMode\": \"Paused\"}}"))
                .as("all else may be changed")
                .isEmpty();
        assertThat(refusal("boss", "Agent", "agent", "{\"spec\": {\"account\": \"other\"}}"))
                .isEmpty();
    }

    // ---- a namespace's account

    @Test
    void a_namespace_labelled_with_an_account_holds_only_its_objects() {
        create("editor", "before", "stranger");
        CLUSTER.kubectl("label", "namespace", namespace, "anchorhold.dev/account=acme");
        Awaitility.await()
                .untilAsserted(() -> assertThatThrownBy(() -> create("editor", "intruder", "stranger"))
                        .isInstanceOf(KubernetesClientException.class)
                        .hasMessageContaining("this namespace belongs to account 'acme'"));
        assertThatThrownBy(() -> create("editor", "Agent", "intruder", "stranger"))
                .hasMessageContaining("this namespace belongs to account 'acme'");
        create("editor", "own", "acme");
        assertThat(refusal("editor", "before", "{\"spec\": {\"operatingMode\": \"Stopped\"}}"))
                .as("what was there before is still looked after")
                .isEmpty();
    }

    // ---- who writes what

    @Test
    void nobody_but_the_operator_writes_status() {
        create("editor", "vm", "acme");
        for (String user : new String[] {"editor", "boss"}) {
            try (var client = as(user)) {
                assertThatThrownBy(() -> vm(client, "vm")
                                .subresource("status")
                                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"serverId\": 1}}"))
                        .isInstanceOf(KubernetesClientException.class)
                        .hasMessageContaining("plainvms/status");
            }
            refusal(user, "vm", "{\"status\": {\"serverId\": 1}}");
            assertThat(vm(CLUSTER.client(), "vm").get().getAdditionalProperties())
                    .as("a status that comes with the object is ignored")
                    .doesNotContainKey("status");
        }
    }

    @Test
    void the_operator_writes_finalizers_and_status_but_no_spec_and_deletes_nothing() {
        create("editor", "vm", "acme");
        try (var operator =
                ControlPlane.clientOf(Chart.install(CLUSTER, Map.of()).operatorKubeconfig())) {
            var vm = vm(operator, "vm");
            vm.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"metadata\": {\"finalizers\": [\"anchorhold.dev/plainvm\"]}}");
            vm.subresource("status").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"serverId\": 1}}");
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> vm.patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    "{\"spec\": {\"operatingMode\": \"Stopped\"}}"))
                            .isInstanceOf(KubernetesClientException.class)
                            .hasMessageContaining("the operator never changes a spec"));
            assertThatThrownBy(vm::delete).hasMessageContaining("cannot delete resource");
            assertThatThrownBy(() -> operator.secrets().inAnyNamespace().list())
                    .hasMessageContaining("cannot list resource \"secrets\"");
            assertThatThrownBy(() -> operator.secrets().inNamespace(namespace).list())
                    .hasMessageContaining("cannot list resource \"secrets\"");
            vm.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
        }
    }

    @Test
    void Kubernetes_own_roles_know_the_kinds() {
        Awaitility.await().until(() -> may("viewer", "list", "plainvms"));
        assertThat(may("viewer", "update", "plainvms")).isFalse();
        assertThat(may("editor", "delete", "plainvms")).isTrue();
        assertThat(may("editor", "transfer", "plainvms")).isFalse();
        assertThat(may("editor", "get", "accounts")).isFalse();
        assertThat(may("editor", "create", "providerconfigs")).isFalse();
        assertThat(may("boss", "transfer", "plainvms")).isTrue();
        assertThat(may("viewer", "list", "agents")).isTrue();
        assertThat(may("editor", "delete", "agents")).isTrue();
        assertThat(may("editor", "transfer", "agents")).isFalse();
        assertThat(may("editor", "create", "agentimages")).isFalse();
        assertThat(may("boss", "transfer", "agents")).isTrue();
        assertThat(may("boss", "update", "agentimages")).isTrue();
        assertThat(may("stranger", "get", "plainvms")).isFalse();
    }

    // ---- people

    private void bind(String user, String role) {
        CLUSTER.kubectl(
                "create", "rolebinding", user, "--clusterrole=" + role, "--user=" + user, "--namespace=" + namespace);
    }

    private boolean may(String user, String verb, String resource) {
        try {
            return CLUSTER.kubectl(
                            "auth",
                            "can-i",
                            verb,
                            resource + ".anchorhold.dev",
                            "--as=" + user,
                            "--namespace=" + namespace)
                    .strip()
                    .equals("yes");
        } catch (WorldFailure no) {
            return false; // kubectl's exit code says so
        }
    }

    private static KubernetesClient as(String user) {
        Config config = new ConfigBuilder(CLUSTER.client().getConfiguration())
                .withImpersonateUsername(user)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private void create(String user, String name, String account) {
        create(user, "PlainVm", name, account);
    }

    private void create(String user, String kind, String name, String account) {
        String spec = kind.equals("Agent") ? "image: coder" : "image: debian-12, oneTimePassword: true";
        try (var client = as(user)) {
            client.resource("""
                            apiVersion: anchorhold.dev/v1alpha1
                            kind: %s
                            metadata: {name: %s, namespace: %s}
                            spec: {account: %s, size: small, %s}
                            """.formatted(kind, name, namespace, account, spec)).create();
        }
    }

    private Resource<GenericKubernetesResource> vm(KubernetesClient client, String name) {
        return object(client, "PlainVm", name);
    }

    private Resource<GenericKubernetesResource> object(KubernetesClient client, String kind, String name) {
        return client.genericKubernetesResources("anchorhold.dev/v1alpha1", kind)
                .inNamespace(namespace)
                .withName(name);
    }

    /** The message with which a change is refused; empty when it was made. */
    private Optional<String> refusal(String user, String name, String change) {
        return refusal(user, "PlainVm", name, change);
    }

    private Optional<String> refusal(String user, String kind, String name, String change) {
        try (var client = as(user)) {
            object(client, kind, name).patch(PatchContext.of(PatchType.JSON_MERGE), change);
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.of(e.getMessage());
        }
    }
}
