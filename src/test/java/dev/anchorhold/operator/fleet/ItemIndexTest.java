package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ItemIndexTest {
    private final ItemIndex<ConfigMap> index = new ItemIndex<>(
            it -> Optional.ofNullable(it.getMetadata().getLabels()).map(labels -> labels.get("of")));

    private static ConfigMap named(String name, String of) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .addToLabels("of", of)
                .endMetadata()
                .build();
    }

    @Test
    void what_is_added_moved_and_removed_is_counted_where_it_is() {
        var a = named("a", "acme");
        var b = named("b", "acme");
        var moved = named("b", "globex");
        index.changed(null, a);
        index.changed(null, b);
        index.changed(b, b);
        assertThat(index.count("acme")).isEqualTo(2);

        index.changed(b, moved);
        assertThat(index.count("acme")).isEqualTo(1);
        assertThat(index.any("globex")).contains(new ResourceID("b", "shop"));

        index.changed(a, null);
        index.changed(moved, named("b", null));
        assertThat(index.count("acme")).isZero();
        assertThat(index.any("globex")).isEmpty();
    }
}
