package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class ShallowCloneSerializationTest {
    private final KubernetesSerialization serialization = new ShallowCloneSerialization();

    @Test
    void a_copy_is_equal_and_its_metadata_are_its_own() {
        var vm = serialization.unmarshal("""
            apiVersion: anchorhold.dev/v1alpha1
            kind: PlainVm
            metadata: {name: web, namespace: shop, uid: u1, finalizers: [anchorhold.dev/a], annotations: {k: v}, labels: {l: m}}
            spec: {account: acme, size: small, image: debian-12, sshKeys: [laptop]}
            status: {serverId: 7, state: Running}
            """, PlainVm.class);
        String before = serialization.asJson(vm);

        var copy = serialization.clone(vm);
        assertThat(serialization.asJson(copy)).isEqualTo(before);
        assertThat(copy.getSpec()).isSameAs(vm.getSpec());
        copy.addFinalizer("anchorhold.dev/b");
        copy.removeFinalizer("anchorhold.dev/a");
        copy.getMetadata().getAnnotations().clear();
        copy.getMetadata().getLabels().put("x", "y");
        copy.getMetadata().setResourceVersion("9");

        assertThat(serialization.asJson(vm)).isEqualTo(before);
    }

    @Test
    void what_is_not_ours_is_copied_whole() {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("it")
                .endMetadata()
                .addToData("k", "v")
                .build();

        var copy = serialization.clone(map);
        copy.getData().clear();

        assertThat(map.getData()).containsEntry("k", "v");
    }
}
