package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.world.ControlPlane;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Events that {@code kubectl describe} shows, written with the operator's own rights. */
class EventRecorderTest {
    private static KubernetesClient operator;
    private static EventRecorder eventRecorder;

    @BeforeAll
    static void open() {
        operator = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(
                        TestEnvironment.chart().operatorKubeconfig().toFile()))
                .build();
        eventRecorder = new EventRecorder(operator, InstantSource.system(), "test");
    }

    @AfterAll
    static void close() {
        operator.close();
    }

    @Test
    void an_event_stands_beside_the_object_that_it_is_about() {
        var vm = about(new PlainVm(), "web");

        eventRecorder.warning(vm, "ServerLost", "Observe", "it is gone");

        assertThat(eventsAbout(vm)).singleElement().satisfies(e -> {
            assertThat(e.getType()).isEqualTo("Warning");
            assertThat(e.getReason()).isEqualTo("ServerLost");
            assertThat(e.getNote()).isEqualTo("it is gone");
            assertThat(e.getMetadata().getNamespace()).isEqualTo("default");
        });
    }

    @Test
    void an_object_without_a_namespace_or_with_a_very_long_name_has_events_too() {
        var dotted = about(new Account(), "a".repeat(199) + "." + "b".repeat(53));
        dotted.getMetadata().setNamespace(null);

        eventRecorder.normal(dotted, "Counted", "Count", "n".repeat(2_000));

        assertThat(eventsAbout(dotted))
                .singleElement()
                .satisfies(e -> assertThat(e.getNote()).hasSize(1024));
    }

    private static <T extends HasMetadata> T about(T object, String name) {
        object.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace("default")
                .withUid(UUID.randomUUID().toString())
                .build());
        return object;
    }

    private static List<Event> eventsAbout(HasMetadata object) {
        return ControlPlane.shared().client().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(e ->
                        object.getMetadata().getUid().equals(e.getRegarding().getUid()))
                .toList();
    }
}
