package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentObservationBuilder.*;
import static dev.anchorhold.resource.AgentSpec.PausePolicy.PowerOff;
import static dev.anchorhold.resource.AgentSpec.PausePolicy.ReleaseServer;
import static dev.anchorhold.resource.Reasons.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudException.Detail;
import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.cloudflare.DesiredDnsRecord;
import dev.anchorhold.cloud.cloudflare.Ingress;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.hetzner.FirewallRule;
import dev.anchorhold.cloud.hetzner.RuleSet;
import dev.anchorhold.cloud.hetzner.Server.Attached;
import dev.anchorhold.cloud.hetzner.Server.Status;
import dev.anchorhold.cloud.hetzner.ServerCatalogue;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ServerStep.*;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.operator.server.ServerTypeCandidates.Candidate;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of the Agent's decider, as a table of observations and plans. */
class AgentDeciderTest {
    private static final DesiredDnsRecord NAME = new DesiredDnsRecord(HOST, TUNNEL, COMMENT);

    private Plan<AgentStep, AgentStatus> plan;

    private AgentDeciderTest when(AgentObservationBuilder seen) {
        plan = AgentDecider.decide(seen.build());
        return this;
    }

    private AgentDeciderTest does(AgentStep... steps) {
        assertThat(plan.steps()).containsExactly(steps);
        return this;
    }

    private static AgentStep server(ServerStep step) {
        return new OnServer(step);
    }

    private Condition ready(String reason) {
        var ready = condition(READY);
        assertThat(ready.reason()).isEqualTo(reason);
        return ready;
    }

    private Condition condition(String type) {
        return Condition.find(plan.status().orElseThrow().conditions(), type).orElseThrow();
    }

    // ---- the way up

    @Test
    void its_clouds_are_on_record_before_anything_is_made() {
        when(new AgentObservationBuilder().neverSeen()).does();
        assertThat(plan.status().orElseThrow().providerConfig()).isEqualTo("local");
        assertThat(plan.rescheduleAfter()).isZero();
    }

    @Test
    void what_it_is_made_from_is_frozen_first() {
        when(new AgentObservationBuilder().notFrozen()).does(new CheckInputs()).ready(FREEZING);
        assertThat(plan.status().orElseThrow().envFixed()).isNull();

        when(new AgentObservationBuilder().notFrozen().inputsChecked()).does();
        assertThat(plan.status().orElseThrow().envFixed()).isTrue();
        assertThat(plan.rescheduleAfter()).isZero();

        when(new AgentObservationBuilder().notFrozen().last(plan.status().orElseThrow()))
                .does(new Freeze())
                .ready(FREEZING);
    }

    @Test
    void H25_what_cannot_be_frozen_is_told_and_may_be_changed_and_nothing_is_made() {
        var missing = new CloudException.Unresolved(new Detail("secret_missing", "there is no Secret 'api'", ""));
        when(new AgentObservationBuilder()
                        .notFrozen()
                        .inputsChecked()
                        .status(s -> s.put("envFixed", true))
                        .failure(new CheckInputs().name(), missing))
                .does();
        assertThat(ready(SECRET_NOT_FOUND).message()).contains("there is no Secret 'api'");
        assertThat(plan.status().orElseThrow().envFixed()).isNull();
        assertThat(plan.rescheduleAfter()).isLessThanOrEqualTo(Duration.ofSeconds(5));

        when(new AgentObservationBuilder()
                        .notFrozen()
                        .status(s -> s.put("envFixed", true))
                        .refused(QUOTA_EXCEEDED))
                .does();
        assertThat(plan.status().orElseThrow().envFixed())
                .as("an answer that was lost may have frozen it")
                .isTrue();
    }

    @Test
    void H25_nobody_is_told_to_change_what_is_fixed_for_life() {
        var refused = new CloudException.Invalid(new Detail("invalid_input", "no", ""), List.of("server_type"));
        when(new AgentObservationBuilder().prepared().deposited().failure("CreateServer", refused))
                .does();
        assertThat(ready(REQUEST_REFUSED).message())
                .contains("make a new Agent")
                .doesNotContain("change spec");
    }

    @Test
    void firewall_volume_and_tunnel_are_made_side_by_side() {
        when(new AgentObservationBuilder())
                .does(new EnsureDenyAll(), new CreateVolume(10, "hel1"), new CreateTunnel())
                .ready(FIREWALL_CREATING);
        assertThat(condition(VOLUME_READY).reason()).isEqualTo(VOLUME_CREATING);
        assertThat(condition(TUNNEL_READY).reason()).isEqualTo(TUNNEL_CREATING);
    }

    @Test
    void then_the_tunnels_configuration_and_its_name() {
        when(new AgentObservationBuilder().prepared().configurationUnread().noRecord())
                .does(new Configure(TUNNEL, INGRESS), new CreateRecord(NAME))
                .ready(TUNNEL_CONFIGURING);
    }

    @Test
    void the_settings_are_on_record_before_they_are_sent_to_anybody() {
        when(new AgentObservationBuilder().prepared().status(s -> s.putNull("settings")))
                .does();
        assertThat(plan.status().orElseThrow().settings()).isEqualTo(SETTINGS);
        assertThat(plan.rescheduleAfter()).isZero();
    }

    @Test
    void then_the_deposit_and_then_the_server_with_firewall_and_volume_in_its_create_call() {
        when(new AgentObservationBuilder().prepared())
                .does(new Deposit(TUNNEL, VOLUME, SETTINGS))
                .ready(SERVER_CREATING);
        when(new AgentObservationBuilder().prepared().deposited())
                .does(new CreateServer("cx23", "hel1", 7, FIREWALL, VOLUME))
                .ready(SERVER_CREATING);
    }

    @Test
    void ready_when_everything_holds() {
        when(new AgentObservationBuilder().whole()).does();
        assertThat(ready(RUNNING).holds()).isTrue();
        assertThat(plan.status().orElseThrow().conditions()).allMatch(Condition::holds);
        var status = plan.status().orElseThrow();
        assertThat(status.url()).isEqualTo("https://" + HOST);
        assertThat(status.image()).isEqualTo(MADE_FROM.image());
        assertThat(status.serverType()).isEqualTo("cx23");
        assertThat(status.provisionedAt()).isNotNull();
        assertThat(status.state()).isEqualTo("Running");
    }

    @Test
    void F08_nothing_is_written_when_nothing_changed() {
        when(new AgentObservationBuilder().whole());
        var first = plan.status().orElseThrow();
        when(new AgentObservationBuilder().whole().last(first)).does();
        assertThat(plan.status()).contains(first);
    }

    @Test
    void F12_while_a_cloud_or_the_door_is_unknown_for_a_moment_nothing_is_said() {
        when(new AgentObservationBuilder().whole().noCloud()).does();
        assertThat(plan.status()).isEmpty();
        when(new AgentObservationBuilder().whole().unknown(NOW)).does();
        assertThat(plan.status()).isEmpty();
        when(new AgentObservationBuilder().whole().doorUnknown(NOW)).does();
        assertThat(plan.status()).isEmpty();
        when(new AgentObservationBuilder().whole().doorUnknown(NOW.minus(Duration.ofHours(1))))
                .does();
        assertThat(ready(DOOR_UNAVAILABLE).status()).isEqualTo(Condition.Status.Unknown);
    }

    // ---- what can be in the way

    @Test
    void nothing_is_made_for_the_refused_nor_where_no_server_is_to_be_had() {
        when(new AgentObservationBuilder().refused(QUOTA_EXCEEDED)).does().ready(QUOTA_EXCEEDED);
        when(new AgentObservationBuilder().noEdge(CLOUDFLARE_NOT_CONFIGURED))
                .does()
                .ready(CLOUDFLARE_NOT_CONFIGURED);
        when(new AgentObservationBuilder().candidates(new Candidate("cx23", false, "sold out", Optional.of(7L))))
                .does()
                .ready(CAPACITY_EXHAUSTED);
        when(new AgentObservationBuilder().candidates(new Candidate("cx23", true, "available", Optional.empty())))
                .does()
                .ready(IMAGE_UNKNOWN);
        assertThat(ready(IMAGE_UNKNOWN).message()).contains("agentBaseImage", "debian-12");
    }

    @Test
    void F11_the_next_candidate_is_taken() {
        when(new AgentObservationBuilder()
                        .prepared()
                        .deposited()
                        .candidates(
                                new Candidate("cx23", false, "sold out", Optional.of(7L)),
                                new Candidate("cpx22", true, "available", Optional.of(7L))))
                .does(new CreateServer("cpx22", "hel1", 7, FIREWALL, VOLUME));
    }

    @Test
    void F19_a_strangers_record_is_reported_and_not_touched() {
        when(new AgentObservationBuilder()
                        .prepared()
                        .noRecord()
                        .failure(
                                "CreateRecord",
                                new CloudException.NameTaken(new Detail("81053", "exists", ""), List.of("name"))))
                .does()
                .ready(NAME_TAKEN);
    }

    @Test
    void what_goes_wrong_at_the_door_is_the_doors() {
        when(new AgentObservationBuilder()
                        .prepared()
                        .failure("Deposit", new CloudException.Transient(new Detail("no_answer", "away", ""), null)))
                .does()
                .ready(DOOR_UNAVAILABLE);
    }

    @Test
    void a_lost_volume_is_reported_and_never_remade() {
        when(new AgentObservationBuilder().whole().provisioned().noVolume())
                .does()
                .ready(VOLUME_LOST);
        assertThat(plan.status().orElseThrow().state()).isEqualTo("Lost");
        when(new AgentObservationBuilder().prepared().twoVolumes()).does().ready(DUPLICATE_VOLUMES);
    }

    @Test
    void a_lost_server_is_made_anew_of_the_same_type() {
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .noServer()
                        .volume(10, null)
                        .deposited())
                .does(new CreateServer("cx23", "hel1", 7, FIREWALL, VOLUME));
        assertThat(plan.status().orElseThrow().endedBoot()).isEqualTo("boot-1");
    }

    @Test
    void F04_a_server_whose_creation_failed_is_removed_and_the_volume_stays() {
        when(new AgentObservationBuilder().prepared().server(Status.OFF).failed("create_server", NOW.minusSeconds(60)))
                .does(server(new DeleteServer(SERVER)))
                .ready(ACTION_FAILED);
        when(new AgentObservationBuilder()
                        .prepared()
                        .server(Status.INITIALIZING)
                        .running("create_server"))
                .does()
                .ready(SERVER_CREATING);
    }

    // ---- drift

    @Test
    void F26_what_somebody_changed_is_put_right() {
        var ssh = RuleSet.of(List.of(FirewallRule.inbound("tcp", "22", List.of("0.0.0.0/0"), "")));
        when(new AgentObservationBuilder().whole().firewall(ssh))
                .does(new EnsureDenyAll())
                .ready(RULES_CHANGING);
        when(new AgentObservationBuilder().whole().server(Status.RUNNING, new Attached(99, "applied")))
                .does(server(new AttachFirewall(FIREWALL, SERVER, "deny-all")))
                .ready(FIREWALL_ATTACHING);
        when(new AgentObservationBuilder().whole().server(Status.OFF))
                .does(server(new PowerOn(SERVER)))
                .ready(POWERING_ON);
        when(new AgentObservationBuilder().whole().volume(10, null))
                .does(new AttachVolume(VOLUME, SERVER))
                .ready(VOLUME_ATTACHING);
        when(new AgentObservationBuilder().whole().volume(10, 5L))
                .does(new DetachVolume(VOLUME))
                .ready(VOLUME_ATTACHING);
        when(new AgentObservationBuilder().whole().configured(Ingress.to("evil.example.com", "http://127.0.0.1:22")))
                .does(new Configure(TUNNEL, INGRESS))
                .ready(TUNNEL_CONFIGURING);
        when(new AgentObservationBuilder().whole().record("another-tunnel"))
                .does(new UpdateRecord("r1", NAME))
                .ready(RECORD_WRITING);
        when(new AgentObservationBuilder().whole().noRecord()).does(new CreateRecord(NAME));
        when(new AgentObservationBuilder().whole().tunnel(Tunnel.Status.DOWN))
                .does()
                .ready(TUNNEL_DOWN);
        when(new AgentObservationBuilder().whole().noTunnel())
                .does(new CreateTunnel())
                .ready(TUNNEL_CREATING);
    }

    @Test
    void a_new_tunnel_is_sent_to_the_guest() {
        when(new AgentObservationBuilder()
                        .whole()
                        .status(s -> s.putPOJO("settings", new AgentStatus.Settings(4L, "the-old-one", false))))
                .does();
        assertThat(plan.status().orElseThrow().settings()).isEqualTo(new AgentStatus.Settings(5L, TUNNEL, false));
        when(new AgentObservationBuilder()
                        .whole()
                        .status(s -> s.putPOJO("settings", new AgentStatus.Settings(5L, TUNNEL, false))))
                .does(new TellSettings(TUNNEL, new AgentStatus.Settings(5L, TUNNEL, false)))
                .ready(SETTINGS_CHANGING);
    }

    @Test
    void a_configuration_that_was_not_read_since_the_start_is_trusted_once_it_was_ready() {
        when(new AgentObservationBuilder().whole().provisioned().configurationUnread())
                .does();
        assertThat(ready(RUNNING).holds()).isTrue();
        when(new AgentObservationBuilder().whole().configurationUnread()).does(new Configure(TUNNEL, INGRESS));
    }

    @Test
    void the_volume_grows_and_never_shrinks() {
        when(new AgentObservationBuilder().whole().size(20))
                .does(new ResizeVolume(VOLUME, 20))
                .ready(VOLUME_GROWING);
        when(new AgentObservationBuilder().whole().size(20).running("resize_volume"))
                .does()
                .ready(VOLUME_GROWING);
        when(new AgentObservationBuilder().whole().volume(30, SERVER)).does();
    }

    @Test
    void H05_a_volume_beyond_the_accounts_quota_is_neither_made_nor_grown_and_all_else_goes_on() {
        when(new AgentObservationBuilder()
                        .prepared()
                        .noVolume()
                        .status(s -> s.putNull("volumeId"))
                        .noRoomForVolume())
                .ready(QUOTA_EXCEEDED);
        assertThat(plan.steps()).noneMatch(CreateVolume.class::isInstance);
        when(new AgentObservationBuilder().whole().size(20).noRoomForVolume())
                .does()
                .ready(QUOTA_EXCEEDED);
        assertThat(condition(VOLUME_READY).holds()).isFalse();
        when(new AgentObservationBuilder().prepared().size(20).noRoomForVolume());
        assertThat(plan.steps())
                .as("its server is made all the same")
                .isNotEmpty()
                .noneMatch(ResizeVolume.class::isInstance);
    }

    @Test
    void a_newer_image_is_reported_and_nothing_else_happens() {
        when(new AgentObservationBuilder().whole().published("2", 2)).does();
        assertThat(ready(RUNNING).holds()).isTrue();
        var current = condition(IMAGE_CURRENT);
        assertThat(current.status()).isEqualTo(Condition.Status.False);
        assertThat(current.message()).contains("Cloning is the supported upgrade path", "spec.cloneOf: coder");
        when(new AgentObservationBuilder().whole().notPublished()).does();
        assertThat(condition(IMAGE_CURRENT).reason()).isEqualTo(AGENT_IMAGE_NOT_FOUND);
    }

    @Test
    void H27_an_image_is_the_digest_whatever_its_AgentImage_counts() {
        when(new AgentObservationBuilder().whole().published("2", 1)).does();
        assertThat(condition(IMAGE_CURRENT).message()).contains("was made anew");
        assertThat(condition(IMAGE_CURRENT).reason()).isEqualTo(NEWER_IMAGE);

        when(new AgentObservationBuilder()
                        .whole()
                        .status(s -> s.put("imageRevision", 5))
                        .published("2", 1))
                .does();
        assertThat(condition(IMAGE_CURRENT).holds()).isFalse();

        when(new AgentObservationBuilder()
                        .whole()
                        .status(s -> s.put("imageRevision", 5))
                        .published("1", 1))
                .does();
        assertThat(condition(IMAGE_CURRENT).holds()).isTrue();
    }

    @Test
    void H27_what_no_certificate_covers_is_not_ready() {
        when(new AgentObservationBuilder().whole().uncovered()).does().ready(DOMAIN_NOT_COVERED);
        assertThat(condition(READY).holds()).isFalse();
    }

    @Test
    void H27_Ready_is_the_first_of_the_conditions_from_the_first_status_on() {
        when(new AgentObservationBuilder().neverSeen());
        assertThat(plan.status().orElseThrow().conditions().getFirst().type()).isEqualTo(READY);
        when(new AgentObservationBuilder().whole());
        assertThat(plan.status().orElseThrow().conditions().getFirst().type()).isEqualTo(READY);
    }

    // ---- the guest's word

    @Test
    void F35_without_a_report_it_is_not_ready() {
        when(new AgentObservationBuilder().whole().awaited(NOW.minusSeconds(30)))
                .does()
                .ready(GUEST_BOOTING);
        when(new AgentObservationBuilder().whole().reported(NOW.minus(Duration.ofMinutes(5))))
                .does();
        assertThat(ready(GUEST_SILENT).status()).isEqualTo(Condition.Status.Unknown);
    }

    @Test
    void F34_a_guest_whose_rules_do_not_hold_is_not_ready() {
        when(new AgentObservationBuilder().whole().reported(NOW, false, List.of(), true, MADE_FROM.image(), 1))
                .does()
                .ready(GUEST_EXPOSED);
        when(new AgentObservationBuilder().whole().reported(NOW, true, List.of(22), true, MADE_FROM.image(), 1))
                .does();
        assertThat(ready(GUEST_EXPOSED).message()).contains("22");
        when(new AgentObservationBuilder().whole().reported(NOW, false, List.of(), false, null, 1))
                .does()
                .ready(GUEST_STARTING);
    }

    @Test
    void the_frozen_image_must_run_and_todays_settings_be_used() {
        when(new AgentObservationBuilder().whole().reported(NOW, true, List.of(), false, MADE_FROM.image(), 1))
                .does();
        assertThat(ready(GUEST_STARTING).message()).contains("container does not run", "image: pulling");
        when(new AgentObservationBuilder().whole().reported(NOW, true, List.of(), true, "r/coder@sha256:2", 1))
                .does()
                .ready(GUEST_STARTING);
        when(new AgentObservationBuilder().whole().reported(NOW, true, List.of(), true, MADE_FROM.image(), 0))
                .does()
                .ready(SETTINGS_CHANGING);
    }

    @Test
    void what_it_said_in_a_boot_that_has_ended_counts_no_more() {
        when(new AgentObservationBuilder().whole().status(s -> s.put("endedBoot", "boot-1")))
                .does()
                .ready(GUEST_BOOTING);
    }

    @Test
    void a_server_that_never_came_in_is_replaced_and_the_volume_stays() {
        when(new AgentObservationBuilder().whole().awaited(NOW.minus(Duration.ofMinutes(16))))
                .does(server(new DeleteServer(SERVER)))
                .ready(BOOTSTRAP_EXPIRED);
        when(new AgentObservationBuilder().whole().awaited(NOW.minus(Duration.ofMinutes(14))))
                .does()
                .ready(GUEST_BOOTING);
    }

    // ---- pause and resume

    @Test
    void a_pause_shuts_the_guest_down_and_keeps_the_server() {
        when(new AgentObservationBuilder().whole().provisioned().paused(PowerOff))
                .does(server(new Shutdown(SERVER)));
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .paused(PowerOff)
                        .server(Status.OFF))
                .does();
        assertThat(ready(PAUSED).holds()).isTrue();
        assertThat(condition(GUEST_READY).holds()).isFalse();
        assertThat(condition(TUNNEL_READY).holds()).isFalse();
        assertThat(plan.status().orElseThrow().endedBoot()).isEqualTo("boot-1");
        assertThat(plan.status().orElseThrow().state()).isEqualTo("Paused");
    }

    @Test
    void a_pause_that_releases_deletes_the_server_once_it_is_off() {
        when(new AgentObservationBuilder().whole().provisioned().paused(ReleaseServer))
                .does(server(new Shutdown(SERVER)));
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .paused(ReleaseServer)
                        .server(Status.OFF))
                .does(server(new DeleteServer(SERVER)))
                .ready(SERVER_RELEASING);
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .paused(ReleaseServer)
                        .server(Status.DELETING))
                .does()
                .ready(SERVER_RELEASING);
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .paused(ReleaseServer)
                        .noServer()
                        .volume(10, null))
                .does();
        assertThat(ready(PAUSED).holds()).isTrue();
        assertThat(plan.status().orElseThrow().serverId()).isNull();
    }

    @Test
    void paused_from_the_beginning_it_has_no_server() {
        when(new AgentObservationBuilder().prepared().paused(PowerOff)).does();
        assertThat(ready(PAUSED).holds()).isTrue();
    }

    @Test
    void a_report_that_came_after_a_server_was_read_as_off_may_be_the_next_boots() {
        when(new AgentObservationBuilder()
                .whole()
                .provisioned()
                .server(Status.OFF)
                .reported(NOW.plusSeconds(1)));
        assertThat(plan.status().orElseThrow().endedBoot()).isNull();
        when(new AgentObservationBuilder()
                .whole()
                .provisioned()
                .server(Status.OFF)
                .running("start_server"));
        assertThat(plan.status().orElseThrow().endedBoot()).isNull();
    }

    // ---- transfer

    @Test
    void F38_a_transfer_changes_the_tunnels_secret_before_the_books_name_the_new_owner() {
        when(new AgentObservationBuilder().whole().provisioned().account("other"))
                .does(new RotateTunnel(TUNNEL, "other"))
                .ready(TRANSFERRING);
        assertThat(plan.status().orElseThrow().account()).isEqualTo("acme");
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .account("other")
                        .rotatedFor("other"))
                .does();
        var status = plan.status().orElseThrow();
        assertThat(status.account()).isEqualTo("other");
        assertThat(status.accountSince()).isEqualTo("2026-11-24T12:00:00.000000Z");
        assertThat(status.settings().version()).isEqualTo(2);
        assertThat(plan.rescheduleAfter()).isZero();
        when(new AgentObservationBuilder().whole().last(status).account("other"))
                .does(new TellSettings(TUNNEL, status.settings()));
    }

    // ---- deletion

    @Test
    void it_goes_in_order_and_F16_in_any_state() {
        for (var power : List.of(Status.INITIALIZING, Status.RUNNING, Status.OFF)) {
            when(new AgentObservationBuilder().whole().deleting().server(power))
                    .does(server(new DeleteServer(SERVER)))
                    .ready(DELETING);
        }
        when(new AgentObservationBuilder().whole().deleting().server(Status.DELETING))
                .does();
        when(new AgentObservationBuilder().whole().deleting().noServer()).does(new DeleteTunnel(TUNNEL));
        when(new AgentObservationBuilder().whole().deleting().noServer().noTunnel())
                .does(new DeleteRecord("r1"));
        when(new AgentObservationBuilder()
                        .whole()
                        .deleting()
                        .noServer()
                        .noTunnel()
                        .noRecord())
                .does(new DeleteVolume(VOLUME));
        when(new AgentObservationBuilder()
                        .whole()
                        .deleting()
                        .noServer()
                        .noTunnel()
                        .noRecord()
                        .noVolume())
                .does(new RevokeGuest(), new ConfirmGone());
        assertThat(plan.finalizerReleased()).isFalse();
        when(new AgentObservationBuilder()
                .whole()
                .deleting()
                .noServer()
                .noTunnel()
                .noRecord()
                .noVolume()
                .deletionChecked(new DeletionCheck.StillThere("tunnel x")));
        assertThat(plan.finalizerReleased()).isFalse();
        when(new AgentObservationBuilder().whole().deleting().deletionChecked(new DeletionCheck.Gone()));
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void F18_a_tunnel_with_connectors_is_tried_again() {
        when(new AgentObservationBuilder()
                        .whole()
                        .deleting()
                        .noServer()
                        .failure("DeleteTunnel", new CloudException.InUse(new Detail("1022", "active", ""))))
                .does()
                .ready(CLOUD_BUSY);
    }

    @Test
    void F15_without_credentials_the_finalizer_stays() {
        when(new AgentObservationBuilder().whole().deleting().refused(CREDENTIALS_INVALID))
                .does()
                .ready(CREDENTIALS_INVALID);
        when(new AgentObservationBuilder().whole().deleting().noServer().noEdge(CREDENTIALS_INVALID))
                .does()
                .ready(CREDENTIALS_INVALID);
        assertThat(plan.finalizerReleased()).isFalse();
        when(new AgentObservationBuilder().whole().deleting().noEdge(CREDENTIALS_INVALID))
                .does(server(new DeleteServer(SERVER)));
        when(new AgentObservationBuilder().whole().deleting().noCloud().annotated(ApiNames.ABANDON));
        assertThat(plan.finalizerReleased()).isTrue();
    }

    @Test
    void F37_the_guests_rights_are_taken_before_the_finalizer_goes() {
        when(new AgentObservationBuilder()
                        .whole()
                        .deleting()
                        .noServer()
                        .noTunnel()
                        .noRecord()
                        .noVolume()
                        .failure(
                                "RevokeGuest", new CloudException.Transient(new Detail("no_answer", "away", ""), null)))
                .does()
                .ready(DOOR_UNAVAILABLE);
        assertThat(plan.finalizerReleased()).isFalse();
    }

    @Test
    void an_orphan_is_let_go() {
        when(new AgentObservationBuilder().whole().orphan().deleting()).does(server(new DisownServer(SERVER)));
        when(new AgentObservationBuilder().whole().orphan().deleting().noServer())
                .does(new DisownTunnel(TUNNEL));
        when(new AgentObservationBuilder()
                        .whole()
                        .orphan()
                        .deleting()
                        .noServer()
                        .noTunnel()
                        .noRecord())
                .does(new DisownVolume(VOLUME));
    }

    @Test
    void what_never_had_a_cloud_just_goes_and_hands_off_means_so() {
        when(new AgentObservationBuilder().neverSeen().deleting().noCloud().refused(ACCOUNT_NOT_FOUND));
        assertThat(plan.finalizerReleased()).isTrue();
        when(new AgentObservationBuilder().deleting()).does(new ConfirmGone());
    }

    @Test
    void H01_a_held_agent_is_left_alone_even_in_its_deletion_and_says_so() {
        when(new AgentObservationBuilder().whole().deleting().annotated(ApiNames.PAUSED))
                .does();
        assertThat(ready(HELD).holds()).isFalse();
        assertThat(plan.finalizerReleased()).isFalse();
        when(new AgentObservationBuilder().prepared().annotated(ApiNames.PAUSED))
                .does();
        assertThat(ready(HELD).message()).contains(ApiNames.PAUSED, "making a cx23");
        when(new AgentObservationBuilder().whole().provisioned().annotated(ApiNames.PAUSED))
                .does();
        assertThat(ready(RUNNING).holds()).isTrue();
    }

    // ---- what is frozen, and the digest of it

    @Test
    void H13_the_digest_of_what_is_frozen_is_on_record_before_the_secret_is_made() {
        when(new AgentObservationBuilder()
                        .status(s -> s.putNull("frozenDigest"))
                        .aboutToFreeze("d1"))
                .does();
        assertThat(plan.status().orElseThrow().frozenDigest()).isEqualTo("d1");
        assertThat(plan.status().orElseThrow().frozenSecret()).isNull();
        assertThat(plan.rescheduleAfter()).isZero();
        when(new AgentObservationBuilder()
                        .status(s -> s.put("frozenDigest", "d1").put("envFixed", true))
                        .aboutToFreeze("d1"))
                .does(new Freeze());
        when(new AgentObservationBuilder()
                        .status(s -> s.put("frozenDigest", "d1").put("envFixed", true))
                        .aboutToFreeze("d2"))
                .does();
        assertThat(plan.status().orElseThrow().frozenDigest())
                .as("nothing was made of the first")
                .isEqualTo("d2");
    }

    @Test
    void H13_what_is_fixed_for_life_is_fixed_once_and_follows_no_secret() {
        var fixed = when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .status(s -> s.put("region", "us")
                                .put("size", "tiny")
                                .put("image", "r/first@sha256:1")
                                .put("frozenDigest", "d1")))
                .plan
                .status()
                .orElseThrow();
        assertThat(fixed.region()).isEqualTo("us");
        assertThat(fixed.size()).isEqualTo("tiny");
        assertThat(fixed.image()).isEqualTo("r/first@sha256:1");
        assertThat(fixed.imageRevision()).isEqualTo(1);
        assertThat(fixed.frozenDigest()).isEqualTo("d1");
    }

    // ---- a guest that is lost

    @ParameterizedTest
    @ValueSource(strings = {"stop_server", "reboot_server", "reset_server", "change_server_type"})
    void H10_an_action_that_ends_a_boot_ends_the_belief_in_the_guest(String command) {
        when(new AgentObservationBuilder().whole().provisioned().finished(command, NOW.minusSeconds(10)))
                .does();
        assertThat(ready(GUEST_BOOTING).holds()).isFalse();
        assertThat(plan.status().orElseThrow().bootEndedAt()).isEqualTo("2026-11-24T11:59:51Z");
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .status(s -> s.put("bootEndedAt", "2026-11-24T11:59:51Z")))
                .does()
                .ready(GUEST_BOOTING);
        when(new AgentObservationBuilder()
                        .whole()
                        .provisioned()
                        .status(s -> s.put("bootEndedAt", "2026-11-24T11:59:51Z"))
                        .reported(NOW.minusSeconds(5)))
                .does();
        assertThat(ready(RUNNING).holds()).as("it has reported since").isTrue();
    }

    @Test
    void H10_a_guest_whose_disk_was_rebuilt_is_replaced() {
        when(new AgentObservationBuilder()
                        .made(NOW.minusSeconds(3600))
                        .whole()
                        .provisioned()
                        .finished("rebuild_server", NOW.minusSeconds(10)))
                .does(new ReplaceServer(SERVER, false))
                .ready(GUEST_LOST);
        when(new AgentObservationBuilder()
                        .made(NOW.minusSeconds(3600))
                        .fromASnapshot()
                        .whole()
                        .provisioned()
                        .finished("rebuild_server", NOW.minusSeconds(10)))
                .does();
        assertThat(ready(GUEST_BOOTING).holds())
                .as("a backup of its own has its key")
                .isFalse();
        when(new AgentObservationBuilder().whole().provisioned().finished("rebuild_server", NOW.minusSeconds(100)))
                .does();
        assertThat(ready(RUNNING).holds()).as("that was the server before").isTrue();
    }

    @Test
    void H10_a_guest_whose_disk_was_rebuilt_in_the_second_in_which_it_came_in_is_replaced() {
        when(new AgentObservationBuilder()
                        .made(NOW.minusSeconds(10))
                        .whole()
                        .provisioned()
                        .redeemed(NOW.minusSeconds(10).plusMillis(400))
                        .finished("rebuild_server", NOW.minusSeconds(10)))
                .does(new ReplaceServer(SERVER, false))
                .ready(GUEST_LOST);
    }

    @Test
    void H10_a_guest_that_shows_no_sign_of_life_for_half_an_hour_is_replaced() {
        var longAgo = NOW.minusSeconds(31 * 60);
        when(silent(longAgo)).does(new ReplaceServer(SERVER, true)).ready(GUEST_LOST);
        when(silent(longAgo).tunnel(Tunnel.Status.HEALTHY)).does().ready(GUEST_SILENT);
        when(silent(longAgo).anotherWasReplaced()).does().ready(GUEST_SILENT);
        when(silent(longAgo)
                        .status(s -> s.put("bootEndedAt", NOW.minusSeconds(60).toString())))
                .does()
                .ready(GUEST_BOOTING);
        when(silent(NOW.minusSeconds(29 * 60))).does().ready(GUEST_SILENT);
        when(silent(longAgo)
                        .status(s -> s.putPOJO(
                                "journal",
                                new StatusJournal(List.of())
                                        .provision(NOW.minusSeconds(60), State.Running, "acme", null)
                                        .entries())))
                .does()
                .ready(GUEST_SILENT);
    }

    private static AgentObservationBuilder silent(Instant since) {
        return new AgentObservationBuilder()
                .made(since.minusSeconds(3600))
                .whole()
                .provisioned()
                .reported(since)
                .tunnel(Tunnel.Status.DOWN);
    }

    @Test
    void H10_a_retired_server_type_is_followed_by_those_that_its_size_has_today() {
        var sold = new ServerCatalogue(
                List.of(
                        type("gone-here", new ServerCatalogue.Offer(1, "fsn1", true, true, null)),
                        type("sold-out", new ServerCatalogue.Offer(3, "hel1", false, true, null)),
                        type(
                                "ended",
                                new ServerCatalogue.Offer(
                                        3,
                                        "hel1",
                                        false,
                                        false,
                                        new ServerCatalogue.Deprecation("2026-01-01T00:00:00Z")))),
                List.of(),
                List.of());
        for (String retired : List.of("unknown", "gone-here", "ended")) {
            assertThat(ServerTypeCandidates.untilRetired(retired, List.of("new", retired), "hel1", Optional.of(sold)))
                    .containsExactly(retired, "new");
        }
        assertThat(ServerTypeCandidates.untilRetired("sold-out", List.of("new"), "hel1", Optional.of(sold)))
                .containsExactly("sold-out");
        assertThat(ServerTypeCandidates.untilRetired("ended", List.of("new"), "hel1", Optional.empty()))
                .containsExactly("ended");
        when(new AgentObservationBuilder()
                .whole()
                .provisioned()
                .status(s -> s.put("serverId", SERVER - 1).put("serverType", "retired")));
        assertThat(plan.status().orElseThrow().serverType())
                .as("of the server that was taken instead")
                .isEqualTo("cx23");
    }

    private static ServerCatalogue.ServerType type(String name, ServerCatalogue.Offer... offers) {
        return new ServerCatalogue.ServerType(1, name, 2, 4, 40, "x86", List.of(offers));
    }
}
