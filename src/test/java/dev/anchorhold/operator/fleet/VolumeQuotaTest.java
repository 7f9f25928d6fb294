package dev.anchorhold.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec;
import dev.anchorhold.resource.AgentStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VolumeQuotaTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final VolumeQuota quota = new VolumeQuota();

    /** @param held null before it is frozen; 0 before its volume is seen */
    private static Agent agent(String uid, String account, int wanted, Integer held) {
        var agent = new Agent();
        agent.setMetadata(new ObjectMetaBuilder().withName(uid).withUid(uid).build());
        agent.setSpec(JSON.convertValue(
                Map.of("account", account, "dataVolume", Map.of("sizeGiB", wanted)), AgentSpec.class));
        if (held != null) {
            agent.setStatus(JSON.convertValue(
                    held == 0 ? Map.of("frozenSecret", "f") : Map.of("frozenSecret", "f", "volumeGiB", held),
                    AgentStatus.class));
        }
        return agent;
    }

    private Agent seen(Agent agent) {
        quota.changed(null, agent);
        return agent;
    }

    @Test
    void H05_what_is_held_and_what_was_granted_leave_less_for_others() {
        seen(agent("stands", "acme", 10, 10));
        var first = seen(agent("first", "acme", 20, null));
        var second = seen(agent("second", "acme", 20, null));
        var foreign = seen(agent("foreign", "bolt", 40, null));

        assertThat(quota.grant(first, 20, 40)).isTrue();
        assertThat(quota.grant(second, 20, 40)).isFalse();
        assertThat(quota.grant(first, 20, 40)).isTrue();
        assertThat(quota.grant(second, 20, 50)).isTrue();
        assertThat(quota.grant(foreign, 40, 40)).isTrue();
    }

    @Test
    void H05_growing_takes_room_for_the_whole_and_is_kept_while_it_is_not_seen() {
        var grows = seen(agent("grows", "acme", 30, 10));
        var other = seen(agent("other", "acme", 10, 10));
        assertThat(quota.grant(grows, 30, 30)).isFalse();
        assertThat(quota.grant(grows, 30, 40)).isTrue();
        quota.changed(grows, grows);
        assertThat(quota.grant(other, 20, 40)).isFalse();
        assertThat(quota.grant(other, 10, 5)).as("what stands, stands").isTrue();
    }

    @Test
    void H05_what_is_wanted_gives_no_right_to_it_before_a_volume_is_seen() {
        seen(agent("stands", "acme", 60, 60));
        var frozen = seen(agent("frozen", "acme", 10, 0));
        var greedy = agent("frozen", "acme", 10_240, 0);
        quota.changed(frozen, greedy);
        assertThat(quota.grant(greedy, 10_240, 100)).isFalse();
        assertThat(quota.grant(seen(agent("other", "acme", 20, null)), 20, 100))
                .as("and meanwhile nobody else gets what it may be about to get")
                .isFalse();
        quota.changed(greedy, agent("frozen", "acme", 40, 0));
        assertThat(quota.grant(agent("frozen", "acme", 40, 0), 40, 100)).isTrue();
    }

    @Test
    void H05_what_goes_or_is_transferred_leaves_its_room() {
        var goes = seen(agent("goes", "acme", 30, 30));
        var waits = seen(agent("waits", "acme", 20, null));
        assertThat(quota.grant(waits, 20, 40)).isFalse();
        quota.changed(goes, agent("goes", "bolt", 30, 30));
        assertThat(quota.grant(waits, 20, 40)).isTrue();
        assertThat(quota.grant(seen(agent("bolts", "bolt", 20, null)), 20, 40)).isFalse();
        quota.changed(agent("goes", "bolt", 30, 30), null);
        assertThat(quota.grant(agent("bolts", "bolt", 20, null), 20, 40)).isTrue();
    }

    @Test
    void H05_what_was_being_made_when_the_process_began_counts_as_it_is_wanted() {
        seen(agent("made", "acme", 30, 0));
        assertThat(quota.grant(seen(agent("waits", "acme", 20, null)), 20, 40)).isFalse();
    }
}
