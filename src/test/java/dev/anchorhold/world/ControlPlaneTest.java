package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests what the product relies on in Kubernetes, on the real one. */
class ControlPlaneTest {
    private final ControlPlane cluster = ControlPlane.shared();
    private final KubernetesClient client = cluster.client();
    private String namespace;

    @BeforeEach
    void ownNamespace() {
        namespace = cluster.newNamespace("world");
    }

    @Test
    void a_service_account_may_do_what_its_role_grants_and_nothing_else() {
        apply("""
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: reader}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: reader}
                rules:
                - {apiGroups: [""], resources: [configmaps], verbs: [list]}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: reader}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
                subjects:
                - {kind: ServiceAccount, name: reader}
                """);
        Path kubeconfig = cluster.kubeconfigOf(namespace, "reader", Duration.ofHours(1));
        try (KubernetesClient reader = ControlPlane.clientOf(kubeconfig)) {
            await().ignoreExceptions()
                    .untilAsserted(
                            () -> reader.configMaps().inNamespace(namespace).list());
            assertThatThrownBy(() -> reader.secrets().inNamespace(namespace).list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
            assertThatThrownBy(() -> reader.configMaps().inNamespace("default").list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    /** What the right to create Secrets is worth to a thief: a token of any ServiceAccount of the namespace, for ever. */
    @Test
    void a_secret_of_a_service_account_gets_a_token_with_that_accounts_rights() {
        apply("""
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: powerful}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: taken, annotations: {kubernetes.io/service-account.name: powerful}}
                type: kubernetes.io/service-account-token
                """);

        await().until(() -> !tokenIn("taken").isEmpty());

        assertThat(cluster.kubectl(
                        "auth",
                        "whoami",
                        "--token=" + tokenIn("taken"),
                        "--output=jsonpath={.status.userInfo.username}"))
                .isEqualTo("system:serviceaccount:" + namespace + ":powerful");
    }

    private String tokenIn(String secret) {
        Map<String, String> data =
                client.secrets().inNamespace(namespace).withName(secret).get().getData();
        return data == null
                ? ""
                : new String(Base64.getDecoder().decode(data.getOrDefault("token", "")), StandardCharsets.UTF_8);
    }

    @Test
    void what_an_object_owns_is_collected_after_it() {
        ConfigMap owner = client.resource(configMap("owner")).create();
        ConfigMap owned = configMap("owned");
        owned.getMetadata()
                .getOwnerReferences()
                .add(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName("owner")
                        .withUid(owner.getMetadata().getUid())
                        .build());
        client.resource(owned).create();
        client.resource(configMap("bystander")).create();

        client.resource(owner).delete();

        await().until(() -> client.resource(configMap("owned")).get() == null);
        assertThat(client.resource(configMap("bystander")).get()).isNotNull();
    }

    @Test
    void a_deleted_namespace_goes_with_all_it_holds() {
        client.resource(configMap("content")).create();

        client.namespaces().withName(namespace).delete();

        await().until(() -> client.namespaces().withName(namespace).get() == null);
        assertThat(client.resource(configMap("content")).get()).isNull();
    }

    @Test
    void a_status_that_was_decided_from_an_old_version_is_refused() {
        Deployment seen = client.resource(deployment()).create();
        client.resource(seen)
                .edit(it -> new DeploymentBuilder(it)
                        .editSpec()
                        .withReplicas(7)
                        .endSpec()
                        .build());

        assertThatThrownBy(() -> applyStatus(seen.getMetadata().getResourceVersion()))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(409));
        String current = client.resource(seen).get().getMetadata().getResourceVersion();
        assertThat(applyStatus(current).getStatus().getObservedGeneration()).isEqualTo(2);
    }

    @Test
    void an_admission_policy_refuses_what_it_forbids() {
        apply("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s}
                spec:
                  matchConstraints:
                    resourceRules:
                    - {apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}
                  validations:
                  - {expression: "object.metadata.name != 'forbidden'", message: no such name here}
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec:
                  policyName: %1$s
                  validationActions: [Deny]
                  matchResources:
                    namespaceSelector:
                      matchLabels: {kubernetes.io/metadata.name: %1$s}
                """.formatted(namespace));
        try {
            // A policy becomes active a moment after it was made.
            await().untilAsserted(() -> assertThatThrownBy(
                            () -> client.resource(configMap("forbidden")).createOr(it -> {
                                it.delete();
                                return null;
                            }))
                    .hasMessageContaining("no such name here"));
            client.resource(configMap("allowed")).create();
        } finally {
            cluster.kubectl("delete", "validatingadmissionpolicy,validatingadmissionpolicybinding", namespace);
        }
    }

    private Deployment applyStatus(String resourceVersion) {
        Deployment status = new DeploymentBuilder()
                .withNewMetadata()
                .withName("some")
                .withNamespace(namespace)
                .withResourceVersion(resourceVersion)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(2L)
                .endStatus()
                .build();
        return client.resource(status)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("test")
                        .withForce(true)
                        .build());
    }

    private Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("some")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels("app", "some")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "some")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("some")
                .withImage("none")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private ConfigMap configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    private void apply(String manifests) {
        client.load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .serverSideApply();
    }
}
