package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is done for an object whose status cannot be written. */
class ReconcileLoopTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private int wanted;
    private int done;

    @Test
    void H01_after_a_status_that_could_not_be_written_nothing_is_done_before_one_is() throws Exception {
        var full = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        full.createContext("/", exchange -> {
            byte[] answer = "{\"kind\": \"Status\", \"message\": \"etcdserver: request is too large\", \"code\": 500}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(500, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        full.start();
        try (var kubernetes = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + full.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build()) {
            var fleet = new Fleet(metrics);
            fleet.markSynced();
            var status = new StatusWriter(kubernetes, metrics);
            for (wanted = 1; wanted <= 3; wanted++) {
                assertThatThrownBy(() -> ReconcileLoop.run(fleet, status, vm(), new Steps()))
                        .isInstanceOf(KubernetesClientException.class)
                        .hasMessageContaining("too large");
                assertThat(done).as("of %d that are wanted", wanted).isEqualTo(1);
            }
        } finally {
            full.stop(0);
        }
    }

    private static PlainVm vm() {
        var vm = new PlainVm();
        vm.setMetadata(new ObjectMetaBuilder()
                .withName("web")
                .withNamespace("default")
                .withUid("00000000-0000-0000-0000-000000000001")
                .withResourceVersion("1")
                .build());
        return vm;
    }

    /** Does what is wanted, a step at a time, and tells it. */
    private final class Steps implements ReconcileLoop.Pass<PlainVm, String, PlainVmStatus> {
        @Override
        public Plan<String, PlainVmStatus> decide(PlainVm newest) {
            return new Plan<>(
                    done < wanted ? List.of("step") : List.of(),
                    Optional.of(PlainVmStatus.NONE),
                    Duration.ofMinutes(1),
                    false);
        }

        @Override
        public boolean act(Plan<String, PlainVmStatus> plan) {
            done++;
            return true;
        }

        @Override
        public void recorded(PlainVm before, PlainVmStatus status) {}
    }
}
