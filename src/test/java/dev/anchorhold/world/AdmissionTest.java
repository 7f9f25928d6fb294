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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
        Chart.install(CLUSTER, Map.of("plainVm.transfer", "true"));
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

    // ---- adoption

    @Test
    void H09_taking_over_a_predecessors_things_needs_the_verb_adopt() {
        String annotation = "{\"metadata\": {\"annotations\": {\"anchorhold.dev/adopt-from\": \"%s\"}}}";
        create("editor", "vm", "acme");
        create("editor", "Agent", "agent", "acme");
        for (String kind : new String[] {"PlainVm", "Agent"}) {
            String name = kind.equals("Agent") ? "agent" : "vm";
            Awaitility.await()
                    .untilAsserted(() -> assertThat(refusal("editor", kind, name, annotation.formatted("a")))
                            .get()
                            .asString()
                            .contains("anchorhold.dev/adopt-from", "the verb \"adopt\"", "anchorhold-admin"));
            assertThat(refusal("boss", kind, name, annotation.formatted("a"))).isEmpty();
            assertThat(refusal("editor", kind, name, "{\"metadata\": {\"annotations\": {\"other\": \"x\"}}}"))
                    .as("what stands may stay")
                    .isEmpty();
            assertThat(refusal("editor", kind, name, annotation.formatted("b"))).isPresent();
        }
        assertThatThrownBy(() -> createAdopting("editor")).hasMessageContaining("the verb \"adopt\"");
        createAdopting("boss");
        assertThat(may("editor", "adopt", "agents")).isFalse();
        assertThat(may("boss", "adopt", "plainvms")).isTrue();
    }

    private void createAdopting(String user) {
        try (var client = as(user)) {
            client.resource("""
                            apiVersion: anchorhold.dev/v1alpha1
                            kind: PlainVm
                            metadata:
                              name: adopting
                              namespace: %s
                              annotations: {anchorhold.dev/adopt-from: c}
                            spec: {account: acme, size: small, image: debian-12, oneTimePassword: true}
                            """.formatted(namespace)).create();
        }
    }

    // ---- letting go

    @Test
    void H02_letting_a_paid_thing_go_needs_the_verb_abandon_and_the_name_of_who_does_it() {
        String orphan = "{\"metadata\": {\"annotations\": {\"anchorhold.dev/abandoned-by\": \"%s\"}},"
                + " \"spec\": {\"deletionPolicy\": \"Orphan\"}}";
        for (String kind : new String[] {"PlainVm", "Agent"}) {
            String name = "kept-" + kind.toLowerCase(Locale.ROOT);
            create("editor", kind, name, "acme");
            Awaitility.await()
                    .untilAsserted(() -> assertThat(refusal("editor", kind, name, orphan.formatted("editor")))
                            .get()
                            .asString()
                            .contains("needs the verb \"abandon\"", "anchorhold-admin"));
            assertThat(refusal("editor", kind, name, annotations("abandon", "true", "abandoned-by", "editor")))
                    .get()
                    .asString()
                    .contains("needs the verb \"abandon\"");
            assertThat(refusal("boss", kind, name, "{\"spec\": {\"deletionPolicy\": \"Orphan\"}}"))
                    .as("nobody is named")
                    .get()
                    .asString()
                    .contains("anchorhold.dev/abandoned-by: 'boss'");
            assertThat(refusal("boss", kind, name, orphan.formatted("editor")))
                    .as("another is named")
                    .get()
                    .asString()
                    .contains("anchorhold.dev/abandoned-by: 'boss'");
            assertThat(refusal("boss", kind, name, orphan.formatted("boss"))).isEmpty();
            assertThat(refusal("editor", kind, name, annotations("abandoned-by", "viewer")))
                    .as("who it was stays on record")
                    .get()
                    .asString()
                    .contains("needs the verb \"abandon\"");
            assertThat(refusal("editor", kind, name, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"))
                    .as("all else may be changed")
                    .isEmpty();
            assertThat(refusal("editor", kind, name, "{\"spec\": {\"deletionPolicy\": \"Delete\"}}"))
                    .as("and it may be kept from being let go")
                    .isEmpty();
        }
        assertThatThrownBy(() -> create("editor", "PlainVm", "born", "acme, deletionPolicy: Orphan"))
                .hasMessageContaining("needs the verb \"abandon\"");
    }

    @Test
    void H03_only_the_operator_or_a_holder_of_the_verb_abandon_removes_its_finalizer() {
        String bare = "{\"metadata\": {\"finalizers\": null}}";
        for (String kind : new String[] {"PlainVm", "Agent"}) {
            String name = "held-" + kind.toLowerCase(Locale.ROOT);
            String ours = "anchorhold.dev/" + kind.toLowerCase(Locale.ROOT);
            create("editor", kind, name, "acme");
            assertThat(refusal(
                            "editor",
                            kind,
                            name,
                            "{\"metadata\": {\"finalizers\": [\"%s\", \"example.org/mine\"]}}".formatted(ours)))
                    .isEmpty();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(refusal("editor", kind, name, bare))
                            .get()
                            .asString()
                            .contains("metadata.finalizers", "the verb \"abandon\""));
            assertThat(refusal("editor", kind, name, "{\"metadata\": {\"finalizers\": [\"%s\"]}}".formatted(ours)))
                    .as("their own they may remove")
                    .isEmpty();
            assertThat(refusal("boss", kind, name, bare))
                    .get()
                    .asString()
                    .contains("first say that it is let go", "anchorhold.dev/abandoned-by");
            assertThat(refusal("boss", kind, name, annotations("abandon", "true", "abandoned-by", "boss")))
                    .isEmpty();
            assertThat(refusal("boss", kind, name, bare)).isEmpty();
        }
    }

    @Test
    void H03_nobody_else_takes_the_finalizer_off_an_account_either() {
        var account = CLUSTER.client().resource("""
                apiVersion: anchorhold.dev/v1alpha1
                kind: Account
                metadata: {name: %s, finalizers: [anchorhold.dev/account]}
                spec: {providerConfigRef: {name: none}}
                """.formatted(namespace));
        account.create();
        CLUSTER.kubectl("create", "clusterrole", namespace, "--verb=get,patch", "--resource=accounts.anchorhold.dev");
        CLUSTER.kubectl("create", "clusterrolebinding", namespace, "--clusterrole=" + namespace, "--user=clerk");
        try (var clerk = as("clerk")) {
            var theirs = clerk.genericKubernetesResources("anchorhold.dev/v1alpha1", "Account")
                    .withName(namespace);
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> theirs.patch(
                                    PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}"))
                            .hasMessageContaining("the verb \"abandon\""));
        }
        CLUSTER.kubectl("patch", "account", namespace, "--type=merge", "--patch={\"metadata\":{\"finalizers\":null}}");
        account.delete();
        CLUSTER.kubectl("delete", "clusterrole,clusterrolebinding", namespace);
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
                    .containsEntry("status", Map.of("observedGeneration", -1));
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
    void H11_the_operator_creates_its_two_kinds_of_Secrets_and_no_others() {
        String good = """
                apiVersion: v1
                kind: Secret
                metadata:
                  name: web-one-time-password
                  namespace: NAMESPACE
                  ownerReferences:
                    - {apiVersion: anchorhold.dev/v1alpha1, kind: PlainVm, name: web, uid: 8f0e9c52-5b8e-4c3f-9c39-0b9a32a0c7d1, controller: true}
                type: Opaque
                immutable: true
                """;
        Map<String, String> wrong = Map.of(
                "type: Opaque", "type: example.org/other",
                "immutable: true", "immutable: false",
                "name: web-one-time-password", "name: web-token",
                "kind: PlainVm, name: web,", "kind: PlainVm, name: other,",
                "kind: PlainVm,", "kind: Agent,",
                "apiVersion: anchorhold.dev/v1alpha1", "apiVersion: v1",
                ", controller: true", "",
                "  ownerReferences:", "  labels: {argocd.argoproj.io/secret-type: cluster}\n  ownerReferences:",
                "  namespace: NAMESPACE", "  annotations: {a: b}\n  namespace: NAMESPACE");
        try (var operator =
                ControlPlane.clientOf(Chart.install(CLUSTER, Map.of()).operatorKubeconfig())) {
            wrong.forEach((from, to) -> {
                String manifest = good.replace(from, to).replace("NAMESPACE", namespace);
                Awaitility.await()
                        .untilAsserted(() -> assertThatThrownBy(() ->
                                        operator.resource(manifest).dryRun().create())
                                .as(from + " -> " + to)
                                .isInstanceOf(KubernetesClientException.class)
                                .hasMessageContaining("the operator creates"));
            });
            assertThatThrownBy(() -> operator.resource("""
                            apiVersion: v1
                            kind: Secret
                            metadata: {name: stolen, namespace: kube-system, annotations: {kubernetes.io/service-account.name: default}}
                            type: kubernetes.io/service-account-token
                            """).dryRun().create())
                    .hasMessageContaining("the operator creates");
            assertThat(operator.resource(good.replace("NAMESPACE", namespace))
                            .dryRun()
                            .create())
                    .isNotNull();
            assertThat(operator.resource(good.replace("NAMESPACE", namespace)
                                    .replace("web-one-time-password", "web-frozen")
                                    .replace("PlainVm", "Agent"))
                            .dryRun()
                            .create())
                    .isNotNull();
        }
    }

    @Test
    void H01_an_object_always_has_room_for_what_the_operator_has_to_tell_of_it() {
        create("editor", "full", "acme");
        create("editor", "Agent", "full", "acme");
        String many = IntStream.range(0, 33)
                .mapToObj("\"example.org/k%d\": \"v\""::formatted)
                .collect(Collectors.joining(","));
        for (String field : new String[] {"labels", "annotations"}) {
            for (String kind : new String[] {"PlainVm", "Agent"}) {
                Awaitility.await()
                        .untilAsserted(() -> assertThat(refusal(
                                        "editor",
                                        kind,
                                        "full",
                                        "{\"metadata\": {\"%s\": {%s}}}".formatted(field, many)))
                                .get()
                                .asString()
                                .contains("metadata." + field + ": there may be 32"));
            }
        }
        try (var client = as("editor")) {
            assertThatThrownBy(() -> IntStream.range(0, 20)
                            .forEach(i -> client.resource("""
                                    apiVersion: anchorhold.dev/v1alpha1
                                    kind: PlainVm
                                    metadata: {name: full, namespace: %s, labels: {example.org/k: v}}
                                    """.formatted(namespace))
                                    .patch(new PatchContext.Builder()
                                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                            .withFieldManager("manager-" + i)
                                            .build())))
                    .hasMessageContaining("there may be 16 field managers");
            assertThatThrownBy(() -> client.resource("""
                                    apiVersion: anchorhold.dev/v1alpha1
                                    kind: Agent
                                    metadata: {name: wordy, namespace: %s}
                                    spec:
                                      account: acme
                                      size: small
                                      image: coder
                                      env: [%s]
                                    """.formatted(
                                    namespace,
                                    IntStream.range(0, 17)
                                            .mapToObj(i -> "{name: V%d, value: %s}".formatted(i, "x".repeat(8_000)))
                                            .collect(Collectors.joining(","))))
                            .create())
                    .hasMessageContaining("131,072 characters");
        }
    }

    /** As JSON keeps it, {@code <} has six bytes: 256 KiB of them are all that etcd takes. */
    @Test
    void H01_what_is_long_only_where_it_is_stored_is_counted_as_it_is_stored() {
        create("editor", "stored", "acme");
        String annotations = "{\"metadata\": {\"annotations\": {\"example.org/k\": \"%s\"}}}";
        Awaitility.await()
                .untilAsserted(() -> assertThat(
                                refusal("editor", "PlainVm", "stored", annotations.formatted("x".repeat(65_600))))
                        .get()
                        .asString()
                        .contains("metadata.annotations: there may be 65,536 bytes together"));
        assertThat(refusal("editor", "PlainVm", "stored", annotations.formatted("<".repeat(65_000))))
                .isEmpty();
        for (String text : new String[] {"<", "\\u0001"}) {
            assertThatThrownBy(() -> createWith("wordy", text.repeat(7_900)))
                    .as(text)
                    .hasMessageContaining("too long together where they are stored");
        }
        createWith("wordless", "x".repeat(7_900));
    }

    private void createWith(String name, String value) {
        try (var client = as("editor")) {
            client.resource("""
                            apiVersion: anchorhold.dev/v1alpha1
                            kind: Agent
                            metadata: {name: %s, namespace: %s, annotations: {example.org/k: "%s"}}
                            spec:
                              account: acme
                              size: small
                              image: coder
                              env: [%s]
                            """.formatted(
                                    name,
                                    namespace,
                                    "<".repeat(60_000),
                                    IntStream.range(0, 16)
                                            .mapToObj(i -> "{name: V%d, value: \"%s\"}".formatted(i, value))
                                            .collect(Collectors.joining(","))))
                    .create();
        }
    }

    @Test
    void H03_no_object_gets_a_finalizer_of_another_kind_of_ours() {
        create("editor", "wedged", "acme");
        for (String finalizer : new String[] {"agent", "account", "providerconfig", "other"}) {
            Awaitility.await()
                    .untilAsserted(() -> assertThat(refusal(
                                    "editor",
                                    "PlainVm",
                                    "wedged",
                                    "{\"metadata\": {\"finalizers\": [\"anchorhold.dev/%s\"]}}".formatted(finalizer)))
                            .get()
                            .asString()
                            .contains("that of its own kind alone"));
        }
        assertThat(refusal(
                        "editor",
                        "PlainVm",
                        "wedged",
                        "{\"metadata\": {\"finalizers\": [\"anchorhold.dev/plainvm\", \"example.org/mine\"]}}"))
                .isEmpty();
    }

    @Test
    void H11_the_operator_changes_no_metadata_but_its_finalizer_and_tells_only_of_its_own_kinds() {
        create("editor", "vm", "acme");
        try (var operator =
                ControlPlane.clientOf(Chart.install(CLUSTER, Map.of()).operatorKubeconfig())) {
            var vm = vm(operator, "vm");
            for (String change : new String[] {
                "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}",
                "{\"metadata\": {\"annotations\": {\"a\": \"b\"}}}",
                "{\"metadata\": {\"finalizers\": [\"example.org/other\"]}}",
                "{\"metadata\": {\"finalizers\": [\"anchorhold.dev/other\"]}}",
                "{\"metadata\": {\"ownerReferences\": [{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"name\": \"p\","
                        + " \"uid\": \"u\"}]}}"
            }) {
                Awaitility.await()
                        .untilAsserted(() -> assertThatThrownBy(
                                        () -> vm.patch(PatchContext.of(PatchType.JSON_MERGE), change))
                                .as(change)
                                // A finalizer of another kind of ours is refused by two policies, and either may be
                                // named.
                                .message()
                                .containsAnyOf(
                                        "the operator changes nothing of an object's metadata",
                                        "an object may have that of its own kind alone"));
            }
            String event = """
                    apiVersion: events.k8s.io/v1
                    kind: Event
                    metadata: {generateName: x-, namespace: NAMESPACE}
                    type: Normal
                    reason: Told
                    action: Tell
                    eventTime: "2026-01-01T00:00:00.000000Z"
                    reportingController: anchorhold.dev/operator
                    reportingInstance: test
                    regarding: {apiVersion: anchorhold.dev/v1alpha1, kind: PlainVm, name: vm, namespace: NAMESPACE}
                    """.replace("NAMESPACE", namespace);
            assertThat(operator.resource(event).dryRun().create()).isNotNull();
            Map.of(
                            "anchorhold.dev/operator",
                            "kubelet",
                            "apiVersion: anchorhold.dev/v1alpha1",
                            "apiVersion: v1",
                            "name: vm, namespace: " + namespace,
                            "name: vm, namespace: kube-system")
                    .forEach((from, to) -> assertThatThrownBy(() -> operator.resource(event.replace(from, to))
                                    .dryRun()
                                    .create())
                            .as(from + " -> " + to)
                            .isInstanceOf(KubernetesClientException.class));
            assertThatThrownBy(() -> operator.leases()
                            .inNamespace(Chart.NAMESPACE)
                            .withName("another")
                            .get())
                    .hasMessageContaining("cannot get resource \"leases\"");
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
        assertThat(may("editor", "abandon", "agents")).isFalse();
        assertThat(may("boss", "abandon", "plainvms")).isTrue();
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

    private static String annotations(String... namesAndValues) {
        var annotations = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            annotations.append(annotations.isEmpty() ? "" : ", ");
            annotations.append("\"anchorhold.dev/%s\": \"%s\"".formatted(namesAndValues[i], namesAndValues[i + 1]));
        }
        return "{\"metadata\": {\"annotations\": {%s}}}".formatted(annotations);
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
