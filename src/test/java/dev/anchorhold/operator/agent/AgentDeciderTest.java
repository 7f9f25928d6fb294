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
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerStep;
import dev.anchorhold.operator.server.ServerStep.*;
import dev.anchorhold.operator.server.ServerTypeCandidates.Candidate;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
        when(new AgentObservationBuilder().notFrozen()).does(new Freeze()).ready(FREEZING);
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
    void a_newer_image_is_reported_and_nothing_else_happens() {
        when(new AgentObservationBuilder().whole().published(2L)).does();
        assertThat(ready(RUNNING).holds()).isTrue();
        var current = condition(IMAGE_CURRENT);
        assertThat(current.status()).isEqualTo(Condition.Status.False);
        assertThat(current.message()).contains("Cloning is the supported upgrade path", "spec.cloneOf: coder");
        when(new AgentObservationBuilder().whole().published(null)).does();
        assertThat(condition(IMAGE_CURRENT).reason()).isEqualTo(AGENT_IMAGE_NOT_FOUND);
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
                .does(new DisownTunnel(TUNNEL, HOST));
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
        when(new AgentObservationBuilder().whole().deleting().annotated(ApiNames.PAUSED))
                .does();
        assertThat(plan.status()).isEmpty();
        assertThat(plan.finalizerReleased()).isFalse();
    }
}
