package dev.anchorhold.cloud.hetzner;

import static dev.anchorhold.cloud.Urgency.DELETION_OR_PERSON;
import static dev.anchorhold.cloud.Urgency.PROVISIONING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.sim.cloud.Faults;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HetznerInventoryTest {
    private static final int FOR_EVER = Integer.MAX_VALUE;
    private final HetznerInventoryFixture world = new HetznerInventoryFixture();

    @AfterEach
    void close() {
        world.close();
    }

    private void begin() {
        world.passUntil(() -> !world.unknown("nobody"));
    }

    // ---- absent and unknown

    @Test
    void nothing_is_known_before_the_first_complete_listing_and_who_asked_is_notified_after_it() {
        assertThat(world.unknown("a")).isTrue();
        begin();
        assertThat(world.absent("a")).isTrue();
        assertThat(world.notified).contains("a");
    }

    @Test
    void F01_a_server_made_before_a_crash_is_found_by_its_labels() {
        var made = world.createServerUnrecorded("a");
        begin();
        assertThat(world.server("a").id()).isEqualTo(made.id());
    }

    @Test
    void F04_a_feed_that_shows_the_end_of_our_own_action_before_its_answer_is_here_does_not_hide_it() {
        begin();
        var firewall = world.createFirewall("a");
        var made = world.client.createServer(
                PROVISIONING, Purpose.CREATE, world.wanted("a", firewall.id(), world.debian()));
        world.pass(Duration.ofMinutes(1));
        world.inventory.recordServer("a", made.value(), made.actions());
        world.pass(Duration.ofMinutes(1));
        assertThat(world.ready("a")).isTrue();
    }

    @Test
    void F12_a_failed_listing_makes_nothing_absent() {
        world.cloud.faults().add("GET", "/servers", FOR_EVER, new Faults.Html(502));
        world.pass(Duration.ofMinutes(5));
        assertThat(world.unknown("a")).isTrue();
        world.cloud.faults().clear();
        world.pass(Duration.ofMinutes(2));
        assertThat(world.absent("a")).isTrue();
    }

    @Test
    void F12_a_list_that_broke_off_after_its_first_page_makes_nothing_absent() {
        for (int i = 0; i < 60; i++) world.createServerUnrecorded("vm" + i);
        world.cloud.faults().next("GET", "/servers/actions", new Faults.Delay(Duration.ZERO));
        world.cloud.faults().next("GET", "/servers", new Faults.Delay(Duration.ZERO));
        world.cloud.faults().next("GET", "/servers", new Faults.ResetBefore());
        world.inventory.runDueTasks();
        for (int i = 0; i < 60; i++) assertThat(world.absent("vm" + i)).isFalse();
        world.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 60; i++) assertThat(world.seen("vm" + i)).isTrue();
    }

    @Test
    void F12_a_list_that_changed_while_it_was_read_makes_nothing_absent() throws InterruptedException {
        for (int i = 0; i < 60; i++) world.createServerUnrecorded("vm" + i);
        world.pass(Duration.ofMinutes(1));
        var first = world.server("vm0").id();
        world.inventory = world.fresh(); // as after a restart
        world.cloud.faults().next("GET", "/servers", new Faults.Delay(Duration.ZERO));
        var secondPage = world.cloud.faults().hold("GET", "/servers", Faults.When.BEFORE_COMMIT);
        var turn = Thread.ofVirtual().start(() -> world.inventory.runDueTasks());
        assertThat(secondPage.awaitHeld()).isTrue();
        world.cloud.console().deleteServer(first);
        world.clock.advance(Duration.ofSeconds(20));
        secondPage.release();
        turn.join();
        for (int i = 1; i < 60; i++) assertThat(world.absent("vm" + i)).isFalse();
        world.pass(Duration.ofSeconds(30));
        for (int i = 1; i < 60; i++) assertThat(world.seen("vm" + i)).isTrue();
    }

    @Test
    void F12_an_old_listing_makes_nothing_absent_and_a_new_one_follows_an_outage() {
        begin();
        world.cloud.faults().add("GET", "*", FOR_EVER, new Faults.Fail(503, "unavailable", "down"));
        world.pass(Duration.ofMinutes(2));
        assertThat(world.absent("a")).isTrue();
        world.pass(Duration.ofMinutes(2));
        assertThat(world.unknown("a")).isTrue();
        assertThat(world.meters.get("anchorhold.inventory.age.seconds").gauge().value())
                .isGreaterThan(200);
        world.cloud.faults().clear();
        world.cloud.requests().reset();
        world.notified.clear();
        world.pass(Duration.ofMinutes(2));
        assertThat(world.absent("a")).isTrue();
        assertThat(world.notified).contains("a");
        assertThat(world.cloud.requests().count("GET", "/servers")).isEqualTo(1);
    }

    @Test
    void F12_what_a_lagging_label_index_lacks_stays_until_a_read_by_id_says_otherwise() {
        begin();
        world.cloud.console().labelIndexLag(Duration.ofHours(3));
        var made = world.createServer("a");
        world.passUntil(() -> world.ready("a"));
        world.pass(Duration.ofMinutes(70));
        assertThat(world.server("a").id()).isEqualTo(made.id());
        assertThat(world.server("a").status()).isEqualTo(Server.Status.RUNNING);
    }

    @Test
    void H04_of_two_servers_whose_labels_were_swapped_neither_is_taken_for_the_other() {
        var a = world.createServerUnrecorded("a");
        var b = world.createServerUnrecorded("b");
        label(a, "b");
        label(b, "a");
        begin();
        assertThat(world.inventory.servers("a", Set.of(a.id())))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class,
                        it -> assertThat(it.reason()).contains("server " + a.id(), "bears the UID of another object"));
        assertThat(world.inventory.servers("a", Set.of())).isInstanceOf(Sighting.Seen.class);
    }

    private void label(Server server, String uid) {
        var labels = new HashMap<>(server.labels());
        labels.put(Ownership.UID, uid);
        world.client.relabelServer(PROVISIONING, Purpose.UPDATE, server.id(), labels);
    }

    @Test
    void F12_an_id_that_a_status_remembers_is_asked_for_before_absence_is_claimed() {
        world.cloud.console().labelIndexLag(Duration.ofHours(3));
        var made = world.createServerUnrecorded("a");
        begin();
        assertThat(world.inventory.servers("a", Set.of(made.id()))).isInstanceOf(Sighting.Unknown.class);
        world.pass(Duration.ofSeconds(2));
        assertThat(world.server("a").id()).isEqualTo(made.id());
        assertThat(world.inventory.servers("b", Set.of(987654321L))).isInstanceOf(Sighting.Unknown.class);
        world.pass(Duration.ofSeconds(2));
        assertThat(world.inventory.servers("b", Set.of(987654321L))).isInstanceOf(Sighting.Absent.class);
    }

    @Test
    void a_server_whose_labels_were_taken_away_is_neither_ours_nor_absent() {
        begin();
        var made = world.createServer("a");
        world.passUntil(() -> world.ready("a"));
        world.cloud.console().act("PUT", "/servers/" + made.id(), "{\"labels\":{}}");
        world.inventory.requestReread("a");
        world.pass(Duration.ofSeconds(3));
        assertThat(world.inventory.servers("a", Set.of(made.id())))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class, it -> assertThat(it.reason()).contains("our labels"));
    }

    @Test
    void a_double_is_visible() {
        begin();
        world.createServerUnrecorded("a");
        world.client.createServer(
                PROVISIONING,
                Purpose.CREATE,
                new CreateServerRequest(
                        "twin",
                        "cx23",
                        world.debian(),
                        "hel1",
                        List.of(),
                        List.of(),
                        List.of(),
                        null,
                        true,
                        HetznerInventoryFixture.labels("a")));
        world.pass(Duration.ofSeconds(60));
        assertThat(world.servers("a"))
                .isInstanceOfSatisfying(
                        Sighting.Seen.class,
                        it -> assertThat((List<?>) it.value()).hasSize(2));
    }

    // ---- our own writes

    @Test
    void F09_a_server_whose_create_answer_was_lost_is_found_and_until_then_not_absent() {
        begin();
        world.createFirewall("a");
        world.cloud.faults().next("POST", "/servers", new Faults.LoseAnswer(true));
        HetznerInventoryFixture.lost(() -> world.client.createServer(
                PROVISIONING,
                Purpose.CREATE,
                world.wanted("a", world.firewall("a").id(), world.debian())));
        world.inventory.recordUnknownOutcome("a");
        assertThat(world.unknown("a")).isTrue();
        var took = world.passUntil(() -> world.seen("a"));
        assertThat(took).isLessThan(Duration.ofSeconds(3));
        assertThat(world.cloud.requests().count("POST", "/servers")).isEqualTo(1);
    }

    @Test
    void
            F09_after_a_lost_answer_of_a_create_that_never_happened_absence_is_claimed_only_when_it_cannot_happen_any_more() {
        begin();
        world.inventory.recordUnknownOutcome("a");
        world.pass(Duration.ofSeconds(9));
        assertThat(world.unknown("a")).isTrue();
        world.notified.clear();
        world.pass(Duration.ofSeconds(2));
        assertThat(world.absent("a")).isTrue();
        assertThat(world.notified).contains("a");
    }

    @Test
    void a_read_that_began_before_our_own_write_cannot_undo_it() throws InterruptedException {
        begin();
        var made = world.createServer("a");
        world.passUntil(() -> world.ready("a"));
        var old = world.cloud.faults().hold("GET", "/servers", Faults.When.AFTER_COMMIT);
        world.inventory.requestReread("a");
        world.clock.advance(Duration.ofSeconds(2));
        var turn = Thread.ofVirtual().start(() -> world.inventory.runDueTasks());
        assertThat(old.awaitHeld()).isTrue();
        var action = world.client.deleteServer(DELETION_OR_PERSON, Purpose.DELETE, made.id());
        world.inventory.recordServerDeleted("a", made.id(), action);
        old.release();
        turn.join();
        assertThat(world.server("a").status()).isEqualTo(Server.Status.DELETING);
        world.passUntil(() -> world.absent("a"));
    }

    @Test
    void F04_all_next_actions_are_awaited_and_a_failed_one_is_shown() {
        begin();
        world.cloud.console().failActions("start_server", 1, "action_failed", "no");
        world.createServer("a");
        assertThat(world.inventory.unfinishedActions("a"))
                .extracting(Action::command)
                .contains("create_server", "start_server");
        world.passUntil(() -> world.inventory.unfinishedActions("a").stream().noneMatch(Action::running));
        assertThat(world.inventory.unfinishedActions("a"))
                .filteredOn(Action::failed)
                .extracting(Action::errorCode)
                .containsExactly("action_failed");
        world.passUntil(() -> world.server("a").status() == Server.Status.OFF);
        var action = world.client.powerOn(
                PROVISIONING, Purpose.POWER, world.server("a").id());
        world.inventory.recordActions("a", List.of(action));
        world.passUntil(() -> world.ready("a"));
        assertThat(world.inventory.unfinishedActions("a")).isEmpty();
    }

    @Test
    void F24_rules_are_read_back_after_they_were_set() {
        begin();
        var firewall = world.createFirewall("a");
        world.passUntil(() -> world.inventory.unfinishedActions("a").isEmpty());
        var actions = world.client.setRules(PROVISIONING, Purpose.RULES, firewall.id(), RuleSet.EMPTY);
        world.inventory.recordActions("a", actions);
        assertThat(world.inventory.unfinishedActions("a")).hasSize(1);
        world.passUntil(() -> world.inventory.unfinishedActions("a").isEmpty());
        world.pass(Duration.ofSeconds(2));
        assertThat(world.firewall("a").rules()).isEqualTo(RuleSet.EMPTY);
    }

    // ---- what others do

    @Test
    void
            F26_a_console_power_off_a_rules_change_a_detached_firewall_and_a_deletion_are_seen_within_one_poll_of_the_feed() {
        begin();
        for (var uid : List.of("off", "rules", "detached", "deleted")) world.createServer(uid);
        world.passUntil(
                () -> List.of("off", "rules", "detached", "deleted").stream().allMatch(world::ready));
        world.pass(Duration.ofMinutes(2));
        var console = world.cloud.console();
        console.powerOff(world.server("off").id());
        console.setRules(world.firewall("rules").id(), "[]");
        console.detachFirewall(
                world.firewall("detached").id(), world.server("detached").id());
        console.deleteServer(world.server("deleted").id());
        world.notified.clear();
        world.cloud.requests().reset();

        var took = world.passUntil(() -> world.server("off").status() == Server.Status.OFF
                && world.firewall("rules").rules().equals(RuleSet.EMPTY)
                && world.server("detached").firewalls().isEmpty()
                && world.absent("deleted"));
        assertThat(took).isLessThan(Duration.ofSeconds(30));
        assertThat(world.notified).contains("off", "rules", "detached", "deleted");
        assertThat(world.cloud.requests().total()).isLessThan(20);
    }

    @Test
    void a_create_that_was_not_recorded_shows_itself_in_the_feed_and_strangers_cost_one_read() {
        begin();
        world.createServerUnrecorded("a");
        world.cloud
                .console()
                .act(
                        "POST",
                        "/servers",
                        "{\"name\":\"stranger\",\"server_type\":\"cx23\",\"image\":\"debian-12\",\"location\":\"hel1\"}");
        assertThat(world.passUntil(() -> world.seen("a"))).isLessThan(Duration.ofSeconds(50));
        world.pass(Duration.ofMinutes(1));
        long stranger = strangersId();
        world.cloud.requests().reset();
        world.cloud.console().powerOff(stranger);
        world.pass(Duration.ofMinutes(2));
        assertThat(world.cloud.requests().counts().keySet())
                .containsOnly("GET /servers/actions", "GET /firewalls/actions");
    }

    private long strangersId() {
        return world.client
                .findServerByName(PROVISIONING, Purpose.LOOKUP, "stranger")
                .orElseThrow()
                .id();
    }

    @Test
    void more_actions_than_a_page_holds_are_all_seen() {
        for (int i = 0; i < 70; i++) world.createServerUnrecorded("vm" + i);
        begin();
        world.pass(Duration.ofMinutes(3));
        double listings = listings();
        for (int i = 0; i < 70; i++) {
            world.cloud.console().powerOff(world.server("vm" + i).id());
            world.clock.advance(Duration.ofMillis(10));
        }
        for (int i = 0; i < 70; i++)
            world.cloud.console().setRules(world.firewall("vm" + i).id(), "[]");
        world.pass(Duration.ofSeconds(40));
        assertThat(listings()).as("the feed was enough").isEqualTo(listings);
        for (int i = 0; i < 70; i++) assertThat(world.server("vm" + i).status()).isEqualTo(Server.Status.OFF);
        for (int i = 0; i < 70; i++)
            assertThat(world.firewall("vm" + i).rules()).isEqualTo(RuleSet.EMPTY);
    }

    private double listings() {
        return world.meters.get("anchorhold.cloud.calls").tag("purpose", "backstop").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    // ---- finalizers

    @Test
    void F14_gone_means_that_ids_and_labels_both_say_so() {
        begin();
        var made = world.createServer("a");
        world.passUntil(() -> world.ready("a"));
        assertThat(world.inventory.confirmServersGone("a", Set.of())).isInstanceOf(DeletionCheck.StillThere.class);
        var action = world.client.deleteServer(DELETION_OR_PERSON, Purpose.DELETE, made.id());
        world.inventory.recordServerDeleted("a", made.id(), action);
        world.passUntil(() -> world.absent("a"));
        assertThat(world.inventory.confirmServersGone("a", Set.of(made.id()))).isEqualTo(new DeletionCheck.Gone());
        assertThat(world.inventory.confirmFirewallsGone("a", Set.of())).isInstanceOf(DeletionCheck.StillThere.class);
        world.client.deleteFirewall(
                DELETION_OR_PERSON, Purpose.DELETE, world.firewall("a").id());
        assertThat(world.inventory.confirmFirewallsGone("a", Set.of())).isEqualTo(new DeletionCheck.Gone());
    }

    @Test
    void F14_a_server_that_the_label_index_has_forgotten_is_still_there() {
        begin();
        world.cloud.console().labelIndexLag(Duration.ofHours(3));
        var made = world.createServerUnrecorded("a");
        assertThat(world.inventory.confirmServersGone("a", Set.of(made.id())))
                .isInstanceOf(DeletionCheck.StillThere.class);
    }

    @Test
    void F15_without_a_valid_token_nothing_is_gone() {
        begin();
        world.cloud.faults().add("GET", "*", FOR_EVER, new Faults.Fail(401, "unauthorized", "unable to authenticate"));
        assertThat(world.inventory.confirmServersGone("a", Set.of())).isInstanceOf(DeletionCheck.Unknown.class);
    }

    // ---- the loop

    @Test
    void F29_the_loop_survives_whatever_happens_and_its_age_is_a_metric() {
        world.inventory.onChange(_ -> {
            throw new IllegalStateException("a broken listener");
        });
        world.createServerUnrecorded("a");
        begin();
        for (var fault :
                List.of(new Faults.Html(502), new Faults.ResetBefore(), new Faults.Fail(401, "unauthorized", ""))) {
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
        world.cloud.console().powerOff(world.server("a").id());
        world.passUntil(() -> world.server("a").status() == Server.Status.OFF);
    }

    @Test
    void F11_the_catalogue_says_what_can_be_bought_where_and_is_read_again_once_invalidated() {
        begin();
        var catalogue = world.inventory.catalogue().orElseThrow();
        assertThat(catalogue.serverType("cx23").orElseThrow().availabilityIn("hel1"))
                .isEqualTo(ServerCatalogue.Availability.AVAILABLE);
        assertThat(catalogue.serverType("cx23").orElseThrow().availabilityIn("hil"))
                .isEqualTo(ServerCatalogue.Availability.NOT_OFFERED);
        assertThat(catalogue.image("debian-12", "x86")).isPresent();
        assertThat(catalogue.image("debian-12", "arm")).isPresent().isNotEqualTo(catalogue.image("debian-12", "x86"));
        world.cloud.console().setAvailable("cx23", "hel1", false);
        world.inventory.invalidateCatalogue();
        world.pass(Duration.ofMinutes(1));
        assertThat(world.inventory
                        .catalogue()
                        .flatMap(it -> it.serverType("cx23"))
                        .orElseThrow()
                        .availabilityIn("hel1"))
                .isEqualTo(ServerCatalogue.Availability.SOLD_OUT);
    }
}
