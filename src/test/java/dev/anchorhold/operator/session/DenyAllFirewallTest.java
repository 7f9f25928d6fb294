package dev.anchorhold.operator.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.operator.InProcessOperator;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The one firewall of all Agents, in a simulated project. */
class DenyAllFirewallTest {
    private final HetznerSimulator cloud = HetznerSimulator.start(new HetznerOptions().speed(100));
    private final OkHttpClient http = new OkHttpClient();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HetznerClient client = new HetznerClient(
            cloud.endpoint().toString(),
            cloud::token,
            http,
            Timeouts.DEFAULT,
            new RateBudget(3600, InstantSource.system()),
            meters,
            "test");
    private final List<HetznerInventory> inventories = new ArrayList<>();
    private HetznerInventory inventory;
    private DenyAllFirewall denyAll = begin();

    @AfterEach
    void close() {
        inventories.forEach(HetznerInventory::close);
        cloud.close();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    /** As an operator that has just started. */
    private DenyAllFirewall begin() {
        inventory = inventory();
        inventory.start();
        await().until(() -> inventory.whyStale().isEmpty());
        return new DenyAllFirewall(client, inventory, "here");
    }

    private HetznerInventory inventory() {
        var it = new HetznerInventory(client, "here", "test", InProcessOperator.QUICK, InstantSource.system(), meters);
        inventories.add(it);
        return it;
    }

    private List<JsonNode> firewalls() {
        return StreamSupport.stream(
                        cloud.console()
                                .act("GET", "/firewalls", null)
                                .get("firewalls")
                                .spliterator(),
                        false)
                .toList();
    }

    @Test
    void it_is_made_once_however_many_need_it_at_once_and_has_no_rule() {
        assertThat(denyAll.isInPlace()).isFalse();
        assertThatThrownBy(() -> denyAll.id()).isInstanceOf(IllegalStateException.class);
        IntStream.range(0, 20).parallel().forEach(_ -> denyAll.ensure());
        assertThat(denyAll.isInPlace()).isTrue();
        assertThat(firewalls()).singleElement().satisfies(it -> {
            assertThat(it.get("name").asText()).isEqualTo("anchorhold-here-deny-all");
            assertThat(it.get("id").asLong()).isEqualTo(denyAll.id());
            assertThat(it.get("rules")).isEmpty();
            assertThat(it.at("/labels/anchorhold.dev~1installation").asText()).isEqualTo("here");
        });
        assertThat(cloud.requests().writes()).isEqualTo(1);
    }

    @Test
    void F01_after_a_crash_it_is_found_and_used() {
        denyAll.ensure();
        long id = denyAll.id();
        denyAll = begin();
        denyAll.ensure();
        assertThat(denyAll.id()).isEqualTo(id);
        assertThat(firewalls()).hasSize(1);
    }

    @Test
    void F02_F09_one_whose_create_answer_was_lost_is_adopted() {
        cloud.faults().next("POST", "/firewalls", new Faults.LoseAnswer(true));
        denyAll.ensure();
        assertThat(denyAll.isInPlace()).isTrue();
        assertThat(firewalls()).hasSize(1);
    }

    @Test
    void F02_F19_a_strangers_of_its_name_is_left_alone_and_reported() {
        cloud.console().act("POST", "/firewalls", "{\"name\":\"anchorhold-here-deny-all\"}");
        assertThatThrownBy(() -> denyAll.ensure())
                .isInstanceOf(CloudException.NameTaken.class)
                .hasMessageContaining("not ours");
        assertThat(denyAll.isInPlace()).isFalse();
        assertThat(firewalls())
                .singleElement()
                .satisfies(it -> assertThat(it.get("labels")).isEmpty());
    }

    @Test
    void F26_a_rule_that_somebody_gave_it_is_seen_and_taken_away_by_one_call() {
        denyAll.ensure();
        cloud.console()
                .setRules(
                        denyAll.id(),
                        "[{\"direction\":\"in\",\"protocol\":\"tcp\",\"port\":\"22\",\"source_ips\":[\"0.0.0.0/0\"]}]");
        await().until(() -> !denyAll.isInPlace());
        assertThat(denyAll.sighting()).isInstanceOf(Sighting.Seen.class);
        long before = cloud.requests().writes();
        IntStream.range(0, 20).parallel().forEach(_ -> denyAll.ensure());
        await().until(() -> denyAll.isInPlace());
        assertThat(firewalls().getFirst().get("rules")).isEmpty();
        assertThat(cloud.requests().writes()).isEqualTo(before + 1);
    }

    @Test
    void F12_nothing_is_made_while_nobody_can_say_whether_it_is_there() {
        var blind = inventory();
        new DenyAllFirewall(client, blind, "here").ensure();
        assertThat(firewalls()).isEmpty();
    }
}
