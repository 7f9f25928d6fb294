package dev.anchorhold.cloud.cloudflare;

import static dev.anchorhold.cloud.Urgency.DELETION_OR_PERSON;
import static dev.anchorhold.cloud.Urgency.PROVISIONING;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.A;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.B;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.INSTALLATION;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.NOBODY;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.ZONE;
import static dev.anchorhold.cloud.cloudflare.CloudflareInventoryFixture.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.sim.cloud.Faults;
import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloudflareInventoryTest {
    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final String TUNNELS = "/accounts/*/cfd_tunnel";
    private static final String SERVICE = "http://127.0.0.1:8080";
    private final CloudflareInventoryFixture world =
            new CloudflareInventoryFixture(new CloudflareOptions().noRateLimit());

    @AfterEach
    void close() {
        world.close();
    }

    // ---- absent and unknown

    @Test
    void nothing_is_known_before_the_first_complete_lists_and_who_asked_is_notified_after_them() {
        assertThat(world.unknown(A)).isTrue();
        assertThat(world.records(A)).isInstanceOf(Sighting.Unknown.class);
        world.begin();
        assertThat(world.absent(A)).isTrue();
        assertThat(world.records(A)).isInstanceOf(Sighting.Absent.class);
        assertThat(world.notified).contains(A);
    }

    @Test
    void F01_a_tunnel_and_a_record_made_before_a_crash_are_found_by_their_name_and_comment() {
        var made = world.createTunnelUnrecorded(A).tunnel();
        var record = world.createRecordUnrecorded(A, made.id());
        world.begin();
        assertThat(world.tunnel(A).id()).isEqualTo(made.id());
        assertThat(world.record(A)).isEqualTo(record);
        assertThat(world.record(A).matches(CloudflareInventoryFixture.wanted(A, made.id())))
                .isTrue();
    }

    @Test
    void F03_what_another_installation_made_is_not_ours_although_its_name_begins_alike() {
        world.client
                .tunnels()
                .create(PROVISIONING, Purpose.CREATE, CloudflareOwnership.tunnelName(INSTALLATION + "-b", A));
        world.client
                .tunnels()
                .create(PROVISIONING, Purpose.CREATE, CloudflareOwnership.tunnelName(INSTALLATION, "x" + A));
        world.records()
                .create(
                        PROVISIONING,
                        Purpose.CREATE,
                        new DesiredDnsRecord(
                                CloudflareInventoryFixture.host(A),
                                A,
                                CloudflareOwnership.comment(INSTALLATION + " b", A)));
        world.begin();
        assertThat(world.absent(A)).isTrue();
        assertThat(world.records(A)).isInstanceOf(Sighting.Absent.class);
        assertThat(world.inventory.tunnels()).isEmpty();
        assertThat(world.inventory.records()).isEmpty();
    }

    @Test
    void F12_failed_old_and_partial_lists_make_nothing_absent() {
        world.cloud.faults().add("GET", TUNNELS, FOR_EVER, new Faults.Html(502));
        world.pass(Duration.ofMinutes(5));
        assertThat(world.unknown(A)).isTrue();
        world.cloud.faults().clear();
        world.pass(Duration.ofMinutes(1));
        assertThat(world.absent(A)).isTrue();
        world.cloud.faults().add("GET", TUNNELS, FOR_EVER, new Faults.ResetBefore());
        world.pass(Duration.ofMinutes(2));
        assertThat(world.absent(A)).isTrue();
        world.pass(Duration.ofMinutes(2));
        assertThat(world.unknown(A)).isTrue();
        assertThat(world.meters.get("anchorhold.inventory.age.seconds").gauge().value())
                .isGreaterThan(200);
        world.notified.clear();
        world.cloud.faults().clear();
        world.pass(Duration.ofMinutes(1));
        assertThat(world.absent(A)).isTrue();
        assertThat(world.notified).contains(A);
    }

    @Test
    void F12_what_a_lagging_list_lacks_stays_until_a_read_by_id_says_otherwise() {
        world.begin();
        world.cloud.console().listLag(Duration.ofHours(3));
        var tunnel = world.createTunnel(A).tunnel();
        var record = world.createRecord(A, tunnel.id());
        world.pass(Duration.ofMinutes(70));
        assertThat(world.tunnel(A).id()).isEqualTo(tunnel.id());
        assertThat(world.record(A).id()).isEqualTo(record.id());
    }

    @Test
    void F12_an_id_that_a_status_remembers_is_asked_for_before_absence_is_claimed() {
        world.cloud.console().listLag(Duration.ofHours(3));
        var made = world.createTunnelUnrecorded(A).tunnel();
        world.begin();
        assertThat(world.inventory.tunnels(A, Set.of(made.id()))).isInstanceOf(Sighting.Unknown.class);
        world.pass(Duration.ofSeconds(2));
        assertThat(world.tunnel(A).id()).isEqualTo(made.id());
        assertThat(world.inventory.tunnels(B, Set.of(uid(99)))).isInstanceOf(Sighting.Unknown.class);
        world.pass(Duration.ofSeconds(2));
        assertThat(world.inventory.tunnels(B, Set.of(uid(99)))).isInstanceOf(Sighting.Absent.class);
    }

    @Test
    void F19_what_lost_our_name_or_comment_is_neither_ours_nor_absent() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        var record = world.createRecord(A, tunnel.id());
        world.cloud.console().act("PATCH", "/accounts/{account}/cfd_tunnel/" + tunnel.id(), "{\"name\":\"mine\"}");
        world.cloud.console().changeRecord(ZONE, record.id(), "{\"comment\":\"mine\"}");
        world.pass(Duration.ofMinutes(11));
        assertThat(world.inventory.tunnels(A, Set.of(tunnel.id())))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class, it -> assertThat(it.reason()).contains("our name"));
        assertThat(world.inventory.records(A, Set.of(record.id())))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class, it -> assertThat(it.reason()).contains("our comment"));
    }

    // ---- our own writes

    @Test
    void F09_a_tunnel_whose_create_answer_was_lost_is_found_and_until_then_not_absent() {
        world.begin();
        world.cloud.faults().next("POST", TUNNELS, new Faults.LoseAnswer(true));
        assertThatThrownBy(() -> world.createTunnel(A)).isInstanceOf(CloudException.UnknownOutcome.class);
        world.inventory.recordUnknownOutcome(A);
        assertThat(world.unknown(A)).isTrue();
        assertThat(world.passUntil(() -> world.tunnels(A) instanceof Sighting.Seen))
                .isLessThan(Duration.ofSeconds(3));
        assertThatThrownBy(() -> world.createTunnel(A)).isInstanceOf(CloudException.NameTaken.class);
        assertThat(world.client
                        .tunnels()
                        .findByName(PROVISIONING, Purpose.LOOKUP, CloudflareOwnership.tunnelName(INSTALLATION, A)))
                .contains(world.tunnel(A));
    }

    @Test
    void F09_after_a_lost_answer_of_what_never_happened_absence_is_claimed_only_when_it_cannot_happen_any_more() {
        world.begin();
        world.inventory.recordUnknownOutcome(A);
        world.pass(Duration.ofSeconds(9));
        assertThat(world.unknown(A)).isTrue();
        world.notified.clear();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.absent(A)).isTrue();
        assertThat(world.notified).contains(A);
    }

    @Test
    void a_list_that_began_before_our_own_write_cannot_undo_it() throws InterruptedException {
        world.begin();
        var made = world.createTunnel(A).tunnel();
        var old = world.cloud.faults().hold("GET", TUNNELS, Faults.When.AFTER_COMMIT);
        world.clock.advance(Duration.ofSeconds(21));
        var turn = Thread.ofVirtual().start(() -> world.inventory.runDueTasks());
        assertThat(old.awaitHeld()).isTrue();
        world.client.tunnels().delete(DELETION_OR_PERSON, Purpose.DELETE, made.id());
        world.inventory.recordTunnelDeleted(A, made.id());
        var next = world.createTunnel(B).tunnel();
        old.release();
        turn.join();
        assertThat(world.tunnels(A)).isNotInstanceOf(Sighting.Seen.class);
        assertThat(world.tunnel(B).id()).isEqualTo(next.id());
    }

    @Test
    void F19_a_strangers_record_of_the_wanted_name_shows_itself_when_ours_is_made_and_can_be_looked_up() {
        world.begin();
        world.cloud
                .console()
                .createRecord(
                        ZONE,
                        "{\"type\":\"A\",\"name\":\"%s\",\"content\":\"192.0.2.1\"}"
                                .formatted(CloudflareInventoryFixture.host(A)));
        assertThat(world.records(A)).isInstanceOf(Sighting.Absent.class);
        assertThatThrownBy(() -> world.createRecord(A, uid(7))).isInstanceOf(CloudException.NameTaken.class);
        assertThat(world.records().listByName(PROVISIONING, Purpose.LOOKUP, CloudflareInventoryFixture.host(A)))
                .singleElement()
                .satisfies(it -> assertThat(world.inventory.uidOf(it)).isEmpty());
    }

    // ---- configurations

    @Test
    void a_configuration_is_known_from_our_own_write_without_a_read() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        world.configure(A, tunnel.id(), SERVICE);
        assertThat(world.leadsTo(A, tunnel.id(), SERVICE)).isTrue();
        assertThat(world.cloud.requests().entries()).noneMatch(readsAConfiguration());
    }

    private static Predicate<dev.anchorhold.sim.cloud.RequestLog.Entry> readsAConfiguration() {
        return it -> it.method().equals("GET") && it.template().endsWith("/configurations");
    }

    @Test
    void F26_what_somebody_else_wrote_into_a_configuration_is_seen_at_its_turn() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        world.configure(A, tunnel.id(), SERVICE);
        world.pass(Duration.ofSeconds(30));
        world.cloud.console().configure(tunnel.id(), "{\"ingress\":[{\"service\":\"http://127.0.0.1:22\"}]}");
        world.notified.clear();
        assertThat(world.passUntil(() -> !world.leadsTo(A, tunnel.id(), SERVICE)))
                .isLessThan(Duration.ofMinutes(11));
        assertThat(world.notified).contains(A);
    }

    @Test
    void after_a_restart_a_configuration_is_unknown_until_it_was_read_and_never_made_ones_have_no_rules() {
        var configured = world.createTunnelUnrecorded(A).tunnel();
        var bare = world.createTunnelUnrecorded(B).tunnel();
        world.client
                .tunnels()
                .configure(PROVISIONING, Purpose.UPDATE, configured.id(), CloudflareInventoryFixture.to(A, SERVICE));
        assertThat(world.inventory.configuration(configured.id())).isInstanceOf(Sighting.Unknown.class);
        world.begin();
        world.passUntil(() -> world.leadsTo(A, configured.id(), SERVICE));
        assertThat(world.notified).contains(A);
        world.passUntil(() ->
                world.inventory.configuration(bare.id()) instanceof Sighting.Seen<TunnelConfiguration>(var it, var _)
                        && it.ingress().equals(Ingress.NONE));
    }

    @Test
    void a_configuration_in_doubt_is_read_before_its_turn_and_one_that_cannot_be_read_keeps_no_other_waiting() {
        world.begin();
        var first = world.createTunnel(A).tunnel();
        var second = world.createTunnel(B).tunnel();
        world.cloud.faults().add("GET", TUNNELS + "/" + first.id() + "/configurations", FOR_EVER, new Faults.Html(502));
        world.passUntil(() -> world.inventory.configuration(second.id()) instanceof Sighting.Seen);
        world.configure(B, second.id(), SERVICE);
        world.cloud.console().configure(second.id(), "{\"ingress\":[{\"service\":\"http_status:404\"}]}");
        world.inventory.requestConfigurationReread(second.id());
        assertThat(world.passUntil(() -> !world.leadsTo(B, second.id(), SERVICE)))
                .isLessThan(Duration.ofSeconds(45));
    }

    @Test
    void F09_a_configuration_whose_writes_answer_was_lost_is_unknown_until_it_was_read() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        world.configure(A, tunnel.id(), SERVICE);
        world.cloud.faults().next("PUT", TUNNELS + "/*/configurations", new Faults.LoseAnswer(true));
        assertThatThrownBy(() -> world.configure(A, tunnel.id(), "http://127.0.0.1:9090"))
                .isInstanceOf(CloudException.UnknownOutcome.class);
        world.inventory.recordUnknownOutcome(A);
        assertThat(world.inventory.configuration(tunnel.id())).isInstanceOf(Sighting.Unknown.class);
        assertThat(world.passUntil(() -> world.leadsTo(A, tunnel.id(), "http://127.0.0.1:9090")))
                .isLessThan(Duration.ofSeconds(5));
    }

    // ---- what others do

    @Test
    void a_tunnels_health_is_seen_within_a_poll_and_sooner_where_a_connector_is_expected() {
        world.begin();
        var made = world.createTunnel(A);
        assertThat(world.tunnel(A).status()).isEqualTo(Tunnel.Status.INACTIVE);
        world.pass(Duration.ofMinutes(1));
        try (var _ = world.cloud.console().connect(made.token())) {
            world.inventory.expectConnector(A);
            world.notified.clear();
            assertThat(world.passUntil(() -> world.tunnel(A).serves())).isLessThan(Duration.ofSeconds(4));
            assertThat(world.notified).contains(A);
        }
        assertThat(world.passUntil(() -> world.tunnel(A).status() == Tunnel.Status.DOWN))
                .isLessThan(Duration.ofSeconds(25));
    }

    @Test
    void a_connector_that_never_comes_is_not_expected_for_ever() {
        world.begin();
        world.createTunnel(A);
        world.inventory.expectConnector(A);
        world.pass(Duration.ofMinutes(5));
        world.cloud.requests().reset();
        world.pass(Duration.ofMinutes(10));
        assertThat(lists()).isBetween(29L, 31L);
    }

    private long lists() {
        return world.cloud.requests().entries().stream()
                .filter(it -> it.template().endsWith("/cfd_tunnel"))
                .count();
    }

    @Test
    void F26_tunnels_and_records_deleted_or_changed_in_the_dashboard_are_seen() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        var record = world.createRecord(A, tunnel.id());
        var other = world.createRecord(B, tunnel.id());
        world.pass(Duration.ofMinutes(1));
        world.cloud.console().deleteTunnel(tunnel.id());
        world.cloud.console().deleteRecord(ZONE, record.id());
        world.cloud.console().changeRecord(ZONE, other.id(), "{\"proxied\":false}");
        world.notified.clear();
        assertThat(world.passUntil(() -> world.absent(A))).isLessThan(Duration.ofSeconds(25));
        assertThat(world.passUntil(() -> world.records(A) instanceof Sighting.Absent
                        && !world.record(B).matches(CloudflareInventoryFixture.wanted(B, tunnel.id()))))
                .isLessThan(Duration.ofMinutes(11));
        assertThat(world.notified).contains(A, B);
    }

    // ---- finalizers

    @Test
    void F14_gone_means_that_ids_and_marks_both_say_so_and_a_deleted_tunnel_of_which_the_cloud_tells_is_gone() {
        world.begin();
        var tunnel = world.createTunnel(A).tunnel();
        var record = world.createRecord(A, tunnel.id());
        assertThat(world.inventory.confirmTunnelsGone(A, Set.of())).isInstanceOf(DeletionCheck.StillThere.class);
        assertThat(world.inventory.confirmRecordsGone(A, Set.of())).isInstanceOf(DeletionCheck.StillThere.class);
        world.client.tunnels().delete(DELETION_OR_PERSON, Purpose.DELETE, tunnel.id());
        world.inventory.recordTunnelDeleted(A, tunnel.id());
        world.records().delete(DELETION_OR_PERSON, Purpose.DELETE, record.id());
        world.inventory.recordRecordDeleted(A, record.id());
        assertThat(world.inventory.confirmTunnelsGone(A, Set.of(tunnel.id()))).isEqualTo(new DeletionCheck.Gone());
        assertThat(world.inventory.confirmRecordsGone(A, Set.of(record.id()))).isEqualTo(new DeletionCheck.Gone());
        world.createTunnelUnrecorded(A);
        assertThat(world.inventory.confirmTunnelsGone(A, Set.of(tunnel.id())))
                .isInstanceOf(DeletionCheck.StillThere.class);
    }

    @Test
    void F14_a_tunnel_that_the_list_does_not_show_yet_is_still_there() {
        world.begin();
        world.cloud.console().listLag(Duration.ofHours(3));
        var made = world.createTunnelUnrecorded(A).tunnel();
        assertThat(world.inventory.confirmTunnelsGone(A, Set.of(made.id())))
                .isInstanceOf(DeletionCheck.StillThere.class);
    }

    @Test
    void F15_without_a_valid_token_nothing_is_gone() {
        world.begin();
        world.cloud.faults().add("GET", "*", FOR_EVER, new Faults.Fail(403, "10000", "Authentication error"));
        assertThat(world.inventory.confirmTunnelsGone(A, Set.of())).isInstanceOf(DeletionCheck.Unknown.class);
        assertThat(world.inventory.confirmRecordsGone(A, Set.of())).isInstanceOf(DeletionCheck.Unknown.class);
        world.pass(Duration.ofMinutes(1));
        assertThat(world.inventory.lastFailure()).containsInstanceOf(CloudException.Unauthorized.class);
    }

    // ---- the loop, and what knowing costs

    @Test
    void F29_the_loop_survives_whatever_happens_and_its_age_is_a_metric() {
        world.inventory.onChange(_ -> {
            throw new IllegalStateException("a broken listener");
        });
        var made = world.createTunnelUnrecorded(A);
        world.begin();
        for (var fault : List.of(new Faults.Html(502), new Faults.ResetBefore(), new Faults.Fail(403, "10000", "no"))) {
            world.cloud.faults().add("GET", "*", FOR_EVER, fault);
            world.pass(Duration.ofMinutes(10));
            assertThat(world.meters
                            .get("anchorhold.inventory.loop.age.seconds")
                            .gauge()
                            .value())
                    .isLessThan(1);
            assertThat(world.meters
                            .get("anchorhold.inventory.age.seconds")
                            .gauge()
                            .value())
                    .isGreaterThan(599);
            world.cloud.faults().clear();
            world.pass(Duration.ofMinutes(2));
            assertThat(world.meters
                            .get("anchorhold.inventory.age.seconds")
                            .gauge()
                            .value())
                    .isLessThan(25);
        }
        try (var _ = world.cloud.console().connect(made.token())) {
            world.passUntil(() -> world.tunnel(A).serves());
        }
    }

    @Test
    void F08_calls_per_hour_in_a_steady_state_do_not_grow_with_the_fleet_beyond_a_bound() {
        assertThat(callsInASteadyHour(10)).isEqualTo(new TreeMap<>(Map.of("feed", 180, "backstop", 6, "reread", 60)));
        assertThat(callsInASteadyHour(300)).isEqualTo(new TreeMap<>(Map.of("feed", 180, "backstop", 6, "reread", 720)));
    }

    private static TreeMap<String, Integer> callsInASteadyHour(int agents) {
        try (var world = new CloudflareInventoryFixture(new CloudflareOptions().noRateLimit())) {
            for (int i = 1; i <= agents; i++) {
                world.clock.advance(Duration.ofSeconds(2));
                world.createRecordUnrecorded(
                        uid(i), world.createTunnelUnrecorded(uid(i)).tunnel().id());
            }
            world.begin();
            world.pass(Duration.ofMinutes(40));
            return world.time().callsInAnHour(world.meters);
        }
    }

    @Test
    void F07_after_five_minutes_shut_out_the_inventory_comes_back_by_itself() {
        try (var strict = new CloudflareInventoryFixture(new CloudflareOptions())) {
            strict.begin();
            strict.cloud.console().block("default", Duration.ofMinutes(5));
            strict.pass(Duration.ofSeconds(30));
            strict.cloud.requests().reset();
            strict.pass(Duration.ofMinutes(4));
            assertThat(strict.cloud.requests().total())
                    .as("calls while shut out")
                    .isZero();
            strict.pass(Duration.ofMinutes(3));
            assertThat(strict.absent(NOBODY)).isTrue();
        }
    }
}
