package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeletionTargetsTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private static final Thing RECORDED = new Thing(1, "renamed");
    private static final Thing NAMED = new Thing(2, "vm-0123456789ab");
    private static final Thing STRANGE = new Thing(3, "somebodys");

    private record Thing(long id, String name) {}

    private static Sighting<List<Thing>> targets(Sighting<List<Thing>> seen) {
        return DeletionTargets.of(seen, "server", Set.of(1L), NAMED.name, Thing::id, Thing::name);
    }

    @Test
    void H04_what_is_on_record_or_has_the_operators_name_is_deleted_and_nothing_with_copied_labels() {
        assertThat(targets(new Seen<>(List.of(RECORDED, NAMED, STRANGE), NOW)))
                .isEqualTo(new Seen<>(List.of(RECORDED, NAMED), NOW));
        assertThat(targets(new Seen<>(List.of(STRANGE), NOW)))
                .isInstanceOfSatisfying(
                        Unknown.class, it -> assertThat(it.reason()).contains("server 3", "is not deleted"));
    }

    @Test
    void what_is_absent_or_unknown_stays_so() {
        assertThat(targets(new Absent<>(NOW))).isEqualTo(new Absent<>(NOW));
        assertThat(targets(new Unknown<>("why", NOW))).isEqualTo(new Unknown<>("why", NOW));
    }
}
