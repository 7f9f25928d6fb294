package dev.anchorhold.cloud.hetzner;

import static dev.anchorhold.cloud.Urgency.DELETION_OR_PERSON;
import static dev.anchorhold.cloud.Urgency.PROVISIONING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.sim.cloud.Faults;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Inventory of volumes, whose feed is polled from the first volume on. */
class VolumeInventoryTest {
    private static final String FEED = "GET /volumes/actions";
    private final HetznerInventoryFixture world = new HetznerInventoryFixture();

    @AfterEach
    void close() {
        world.close();
    }

    private void begin() {
        world.passUntil(() -> !world.unknown("nobody"));
    }

    private boolean settled(String uid) {
        return world.volumes(uid) instanceof Sighting.Seen
                && world.inventory.unfinishedActions(uid).isEmpty();
    }

    private Volume madeAndSettled(String uid) {
        var made = world.createVolume(uid);
        world.passUntil(() -> settled(uid));
        return made;
    }

    @Test
    void their_feed_is_not_polled_while_there_are_none_and_nobody_asks_for_one() {
        begin();
        world.pass(Duration.ofHours(2));
        assertThat(world.cloud.requests().counts()).doesNotContainKey(FEED);
    }

    @Test
    void F12_the_first_who_asks_is_answered_unknown_until_the_cloud_was_read_for_it() {
        begin();
        var before = world.createVolumeUnrecorded("b");
        world.pass(Duration.ofMinutes(10));
        assertThat(world.volumes("a")).isInstanceOf(Sighting.Unknown.class);
        assertThat(world.passUntil(() -> world.volumes("a") instanceof Sighting.Absent))
                .isLessThan(Duration.ofSeconds(5));
        assertThat(world.volume("b").id()).isEqualTo(before.id());
        world.pass(Duration.ofMinutes(1));
        assertThat(world.cloud.requests().counts()).containsKey(FEED);
    }

    @Test
    void F01_one_made_before_a_crash_is_found_by_its_labels_and_followed_from_then_on() {
        var made = world.createVolumeUnrecorded("a");
        world.pass(Duration.ofSeconds(3));
        assertThat(world.volume("a").id()).isEqualTo(made.id());
        world.pass(Duration.ofMinutes(2));
        world.cloud.console().act("POST", "/volumes/%d/actions/resize".formatted(made.id()), "{\"size\":20}");
        assertThat(world.passUntil(() -> world.volume("a").size() == 20)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void F09_one_whose_create_answer_was_lost_is_found_and_until_then_not_absent() {
        begin();
        world.passUntil(() -> world.volumes("a") instanceof Sighting.Absent);
        world.cloud.faults().next("POST", "/volumes", new Faults.LoseAnswer(true));
        HetznerInventoryFixture.lost(() -> world.createVolume("a"));
        world.inventory.recordUnknownOutcome("a");
        assertThat(world.volumes("a")).isInstanceOf(Sighting.Unknown.class);
        assertThat(world.passUntil(() -> world.volumes("a") instanceof Sighting.Seen))
                .isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void a_server_made_with_one_has_it_and_leaves_it_behind_when_it_goes() {
        begin();
        var volume = madeAndSettled("a");
        var server = serverWith(volume);
        world.passUntil(() -> world.ready("a") && volumeIsOn("a", server));
        assertThat(world.server("a").volumes()).containsExactly(volume.id());

        world.inventory.recordServerDeleted(
                "a", server, world.client.deleteServer(DELETION_OR_PERSON, Purpose.DELETE, server));
        world.passUntil(() -> world.absent("a"));
        assertThat(world.inventory.serverOf(world.volume("a"))).isEmpty();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.volume("a").server()).isNull();
    }

    private long serverWith(Volume volume) {
        var wanted = new CreateServerRequest(
                "vm-a",
                "cx23",
                world.debian(),
                "hel1",
                List.of(),
                List.of(),
                List.of(volume.id()),
                null,
                true,
                HetznerInventoryFixture.labels("a"));
        var made = world.client.createServer(PROVISIONING, Purpose.CREATE, wanted);
        world.inventory.recordServer("a", made.value(), made.actions());
        return made.value().id();
    }

    private boolean volumeIsOn(String uid, long server) {
        return world.inventory
                .serverOf(world.volume(uid))
                .filter(id -> id == server)
                .isPresent();
    }

    @Test
    void attaching_growing_and_detaching_are_awaited_and_read_back() {
        begin();
        var volume = madeAndSettled("a");
        var server = world.createServer("a");
        world.passUntil(() -> world.ready("a"));
        var calls = world.client.volumes();

        recordAction("a", calls.attach(PROVISIONING, Purpose.ATTACH, volume.id(), server.id()));
        assertThat(volumeIsOn("a", server.id())).isTrue();
        assertThatThrownBy(() -> calls.attach(PROVISIONING, Purpose.ATTACH, volume.id(), server.id()))
                .isInstanceOf(CloudException.InUse.class);
        assertThatThrownBy(() -> calls.delete(DELETION_OR_PERSON, Purpose.DELETE, volume.id()))
                .isInstanceOf(CloudException.InUse.class);

        recordAction("a", calls.resize(PROVISIONING, Purpose.RESIZE, volume.id(), 20));
        assertThat(world.volume("a").size()).isEqualTo(20);

        recordAction(
                "a", calls.detach(PROVISIONING, Purpose.ATTACH, volume.id()).getFirst());
        assertThat(world.volume("a").server()).isNull();
        assertThat(calls.detach(PROVISIONING, Purpose.ATTACH, volume.id())).isEmpty();
    }

    private void recordAction(String uid, Action action) {
        world.inventory.recordActions(uid, List.of(action));
        world.passUntil(() -> world.inventory.unfinishedActions(uid).isEmpty());
    }

    @Test
    void F26_one_that_somebody_detached_or_deleted_in_the_console_is_seen_within_one_poll_of_the_feed() {
        begin();
        var volume = madeAndSettled("a");
        var server = serverWith(volume);
        world.passUntil(() -> world.ready("a") && volumeIsOn("a", server));
        world.pass(Duration.ofMinutes(2));
        world.cloud.console().act("POST", "/volumes/%d/actions/detach".formatted(volume.id()), null);
        assertThat(world.passUntil(() -> world.volume("a").server() == null)).isLessThan(Duration.ofSeconds(30));

        world.pass(Duration.ofMinutes(1));
        world.cloud.console().act("DELETE", "/volumes/" + volume.id(), null);
        // No action tells of a volume's deletion: the hourly listing does.
        assertThat(world.passUntil(() -> world.volumes("a") instanceof Sighting.Absent))
                .isLessThan(Duration.ofMinutes(61));
    }

    @Test
    void F14_gone_means_that_ids_and_labels_both_say_so() {
        begin();
        var volume = madeAndSettled("a");
        assertThat(world.inventory.confirmVolumesGone("a", Set.of())).isInstanceOf(DeletionCheck.StillThere.class);
        world.client.volumes().delete(DELETION_OR_PERSON, Purpose.DELETE, volume.id());
        world.inventory.recordVolumeDeleted("a", volume.id());
        assertThat(world.volumes("a")).isNotInstanceOf(Sighting.Seen.class);
        assertThat(world.inventory.confirmVolumesGone("a", Set.of(volume.id()))).isEqualTo(new DeletionCheck.Gone());
        world.client.volumes().delete(DELETION_OR_PERSON, Purpose.DELETE, volume.id()); // absent is success
    }

    @Test
    void F03_a_stranger_of_the_wanted_name_can_be_looked_up_and_is_never_ours() {
        begin();
        world.cloud.console().act("POST", "/volumes", "{\"name\":\"vol-a\",\"size\":10,\"location\":\"hel1\"}");
        assertThatThrownBy(() -> world.createVolume("a")).isInstanceOf(CloudException.NameTaken.class);
        var stranger = world.client
                .volumes()
                .findByName(PROVISIONING, Purpose.LOOKUP, "vol-a")
                .orElseThrow();
        assertThat(stranger.uid()).isEmpty();
        world.passUntil(() -> world.volumes("a") instanceof Sighting.Absent);
        world.client.volumes().relabel(PROVISIONING, Purpose.UPDATE, stranger.id(), Map.of("theirs", "yes"));
        assertThat(world.client.volumes().get(PROVISIONING, Purpose.LOOKUP, stranger.id()))
                .hasValueSatisfying(it -> assertThat(it.labels()).containsEntry("theirs", "yes"));
    }
}
