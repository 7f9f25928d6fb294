package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests of the chart: its rights, its kinds, and that it can be installed again. */
class ChartTest {
    private final ControlPlane cluster = ControlPlane.shared();

    @Test
    void the_operator_has_exactly_the_rights_that_the_chart_gives_it() {
        Chart chart = Chart.install(cluster, Map.of());

        try (KubernetesClient operator = ControlPlane.clientOf(chart.operatorKubeconfig())) {
            assertThat(may(operator, "patch", "anchorhold.dev", "plainvms", null))
                    .isTrue();
            assertThat(may(operator, "watch", "", "secrets", Chart.NAMESPACE)).isTrue();

            assertThat(may(operator, "delete", "anchorhold.dev", "plainvms", null))
                    .isFalse();
            assertThat(may(operator, "list", "", "secrets", null)).isFalse();
            assertThat(may(operator, "create", "", "pods", Chart.NAMESPACE)).isFalse();
        }
    }

    @Test
    void the_companion_may_ask_who_calls_and_read_accounts_and_nothing_else() {
        Chart chart = Chart.install(cluster, Map.of());

        try (KubernetesClient companion = ControlPlane.clientOf(chart.companionKubeconfig())) {
            assertThat(may(companion, "create", "authentication.k8s.io", "tokenreviews", null))
                    .isTrue();
            assertThat(may(companion, "list", "anchorhold.dev", "accounts", null))
                    .isTrue();

            assertThat(may(companion, "patch", "anchorhold.dev", "accounts", null))
                    .isFalse();
            assertThat(may(companion, "list", "anchorhold.dev", "agents", null)).isFalse();
            assertThat(may(companion, "get", "", "secrets", Chart.NAMESPACE)).isFalse();
        }
    }

    @Test
    void installing_it_again_is_an_update() {
        Chart.install(cluster, Map.of("plainVm.transfer", ""));
        assertThat(transferPolicy()).contains("this installation allows no transfer");

        Chart.install(cluster, Map.of("plainVm.transfer", "yes"));
        assertThat(transferPolicy()).contains("check('transfer')");

        Chart.install(cluster, Map.of());
    }

    @Test
    void the_kinds_are_served_as_soon_as_it_is_installed() {
        Chart.install(cluster, Map.of());

        assertThat(cluster.kubectl("get", "plainvms,accounts,providerconfigs", "--all-namespaces"))
                .isNotNull();
        assertThatThrownBy(() -> cluster.kubectl("get", "nonsense")).isInstanceOf(WorldFailure.class);
    }

    private String transferPolicy() {
        return cluster.kubectl("get", "validatingadmissionpolicy", "plainvm-transfer.anchorhold.dev", "-oyaml");
    }

    private static boolean may(KubernetesClient client, String verb, String group, String resource, String namespace) {
        ResourceAttributes attributes = new ResourceAttributesBuilder()
                .withVerb(verb)
                .withGroup(group)
                .withResource(resource)
                .withNamespace(namespace)
                .build();
        return client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withResourceAttributes(attributes)
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }
}
