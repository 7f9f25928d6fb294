package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrimmedItemStoreTest {
    private static final String FROM_THE_API_SERVER = """
        apiVersion: anchorhold.dev/v1alpha1
        kind: PlainVm
        metadata:
          name: web
          namespace: shop
          uid: u1
          resourceVersion: "7"
          managedFields:
          - {manager: kubectl, operation: Apply, time: "2026-11-29T01:00:00Z", fieldsType: FieldsV1, fieldsV1: {"f:spec": {"f:account": {}, "f:firewall": {"f:inbound": {}}}}}
          - {manager: console, operation: Update, time: "2026-11-29T02:00:00Z", fieldsType: FieldsV1, fieldsV1: {"f:metadata": {"f:labels": {}}, "f:spec": {"f:size": {}}}}
          - {manager: anchorhold-operator, operation: Apply, time: "2026-11-29T03:00:00Z", fieldsType: FieldsV1, subresource: status, fieldsV1: {"f:status": {"f:conditions": {"k:{\\"type\\":\\"Ready\\"}": {".": {}}}}}}
        """;

    private final TrimmedItemStore<PlainVm> store = new TrimmedItemStore<>();
    private final PlainVm vm = new KubernetesSerialization().unmarshal(FROM_THE_API_SERVER, PlainVm.class);

    @Test
    void of_the_managed_fields_it_keeps_who_wrote_which_field_of_the_spec() {
        Optional<FieldManager> maker = FieldManagers.creator(vm);
        Optional<FieldManager> sizer = FieldManagers.lastWriter(vm, "size");

        store.put(store.getKey(vm), vm);

        var kept = store.get("shop/web");
        assertThat(FieldManagers.creator(kept))
                .isEqualTo(maker)
                .contains(new FieldManager("kubectl", Instant.parse("2026-11-29T01:00:00Z")));
        assertThat(FieldManagers.lastWriter(kept, "size"))
                .isEqualTo(sizer)
                .map(FieldManager::name)
                .contains("console");
        assertThat(FieldManagers.lastWriter(kept, "account"))
                .map(FieldManager::name)
                .contains("kubectl");
        assertThat(FieldManagers.lastWriter(kept, "region")).isEmpty();
        assertThat(new KubernetesSerialization().asJson(kept.getMetadata().getManagedFields()))
                .doesNotContain("f:status", "f:inbound", "f:labels", "anchorhold-operator");
    }

    @Test
    void it_notifies_of_what_is_added_changed_and_removed() {
        List<String> changes = new ArrayList<>();
        store.onChange((before, now) -> changes.add(version(before) + "-" + version(now)));
        var update = new KubernetesSerialization().clone(vm);
        update.getMetadata().setResourceVersion("8");

        assertThat(store.put("shop/web", vm)).isNull();
        assertThat(store.put("shop/web", update)).isSameAs(vm);
        assertThat(store.remove("shop/web")).isSameAs(update);
        assertThat(store.remove("shop/web")).isNull();

        assertThat(changes).containsExactly("none-7", "7-8", "8-none");
    }

    private static String version(PlainVm vm) {
        return vm == null ? "none" : vm.getMetadata().getResourceVersion();
    }
}
