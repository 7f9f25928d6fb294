package dev.anchorhold.operator.adoption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.AgentCloudContents;
import dev.anchorhold.operator.AgentTestEnvironment;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.Reasons;
import dev.anchorhold.sim.cloud.Faults;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A restored object takes over what its predecessor left: in both simulated clouds, at the real door, in the real books. */
class AdoptionTest {
    private static AgentTestEnvironment stage;
    private static AgentCloudContents clouds;

    @BeforeAll
    static void open() {
        stage = new AgentTestEnvironment();
        clouds = new AgentCloudContents(stage);
        stage.testEnvironment.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @AfterEach
    void noFaults() {
        stage.testEnvironment.cloud.faults().clear();
        stage.edge.faults().clear();
        stage.testEnvironment.operator();
        var vms = stage.kubernetes.resources(PlainVm.class).inNamespace(stage.testEnvironment.namespace);
        var agents = stage.kubernetes.resources(Agent.class).inNamespace(stage.testEnvironment.namespace);
        vms.delete();
        agents.delete();
        await().until(() ->
                vms.list().getItems().isEmpty() && agents.list().getItems().isEmpty());
        clouds.clear();
    }

    @Test
    void H09_a_restored_agent_takes_over_all_that_its_predecessor_left_and_goes_on() {
        stage.apply("coder");
        var before = stage.awaitReady("coder");
        String old = before.getMetadata().getUid();
        String callback = stage.guest("coder").callbackToken().orElseThrow();
        await().until(() -> !events(old).isEmpty());

        stage.testEnvironment.forgetOperator();
        var frozen = secret("coder-frozen");
        lose(before);
        restore(frozen);
        var restored = restore(before, old);
        give(frozen, restored);
        stage.edge.faults().next("PATCH", "*/cfd_tunnel/*", new Faults.LoseAnswer(true));
        stage.edge.faults().next("PUT", "*/dns_records/*", new Faults.LoseAnswer(true));
        stage.testEnvironment.cloud.faults().next("PUT", "/servers/*", new Faults.LoseAnswer(false));
        var stuck = stage.testEnvironment
                .cloud
                .faults()
                .add("PUT", "/volumes/*", Integer.MAX_VALUE, new Faults.Fail(503, "unavailable", "not now"));
        stage.testEnvironment.operator();
        String uid = restored.getMetadata().getUid();
        stage.await(
                "coder",
                a -> a.getStatus() != null
                        && a.getStatus().serverId() != null
                        && a.getStatus().tunnelId() != null
                        && a.getStatus().dnsRecordId() != null);
        assertThat(AgentTestEnvironment.condition(stage.agent("coder").get(), Reasons.READY))
                .get()
                .returns(false, Condition::holds);
        assertThat(clouds.volumes()).as("all or nothing: no second one is made").hasSize(1);
        assertThat(events(old)).as("it is not over for the books").hasSize(1);

        stage.testEnvironment.forgetOperator(); // as if it had been killed in between
        assertThat(stuck.left()).isPositive();
        stage.testEnvironment.cloud.faults().clear();
        stage.testEnvironment.cloud.faults().next("PUT", "/volumes/*", new Faults.LoseAnswer(true));
        stage.testEnvironment.operator();

        var after = stage.awaitReady("coder");
        assertThat(after.getMetadata().getUid()).isEqualTo(uid).isNotEqualTo(old);
        assertThat(after.getStatus())
                .returns(before.getStatus().serverId(), s -> s.serverId())
                .returns(before.getStatus().volumeId(), s -> s.volumeId())
                .returns(before.getStatus().tunnelId(), s -> s.tunnelId())
                .returns(before.getStatus().dnsRecordId(), s -> s.dnsRecordId())
                .returns(before.getStatus().url(), s -> s.url())
                .returns(before.getStatus().image(), s -> s.image())
                .returns(true, s -> s.adoption().isCompleted());
        assertThat(AgentTestEnvironment.condition(after, Reasons.NO_DRIFT))
                .as("nobody changed anything")
                .get()
                .returns(true, Condition::holds);
        clouds.assertExactlyOneOfEach(after);
        assertThat(stage.guest("coder").callbackToken())
                .as("its guest noticed nothing")
                .contains(callback);

        String account = stage.testEnvironment.account;
        await().untilAsserted(() -> assertThat(events(uid))
                .first()
                .satisfies(e -> assertThat(e)
                        .startsWith("provision Running " + account)
                        .endsWith("(adopted from %s)".formatted(old))));
        assertThat(events(old))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("destroy null " + account)
                .endsWith("(adopted as %s)".formatted(uid));
        assertThat(instant(uid, "provision")).isEqualTo(instant(old, "destroy"));

        stage.patch("coder", "{\"shareLogs\": true}");
        stage.awaitReady("coder"); // settings of a newer version reach the guest
        stage.agent("coder").delete();
        stage.awaitGone("coder");
        clouds.assertNothingIsLeft();
    }

    @Test
    void H09_without_the_frozen_secret_the_volume_the_name_and_the_tunnel_stay_and_the_server_is_replaced() {
        stage.apply("cold");
        var before = stage.awaitReady("cold");
        String old = before.getMetadata().getUid();
        await().until(() -> !events(old).isEmpty());
        String bootstrap = stage.guest("cold").bootstrapToken();
        stage.testEnvironment.forgetOperator();
        lose(before);
        stage.publish(2);
        restore(before, old);
        stage.testEnvironment.operator();
        var after = stage.awaitReady("cold");
        assertThat(after.getStatus())
                .returns(before.getStatus().volumeId(), s -> s.volumeId())
                .returns(before.getStatus().tunnelId(), s -> s.tunnelId())
                .returns(before.getStatus().url(), s -> s.url())
                .returns(2L, s -> s.imageRevision());
        assertThat(after.getStatus().serverId()).isNotEqualTo(before.getStatus().serverId());
        assertThat(stage.guest("cold").bootstrapToken()).isNotEqualTo(bootstrap);
        clouds.assertExactlyOneOfEach(after);
    }

    @Test
    void
            H09_a_restored_clone_goes_on_without_its_original_and_one_that_cannot_be_frozen_is_billed_and_can_be_deleted() {
        var test = stage.testEnvironment;
        stage.apply("original");
        stage.awaitReady("original");
        stage.manifest("copy", "account: " + test.account, "cloneOf: original");
        var first = stage.awaitReady("copy");
        String old = first.getMetadata().getUid();
        await().until(() -> !events(old).isEmpty());
        stage.agent("original").delete();
        stage.awaitGone("original");

        test.forgetOperator();
        var frozen = secret("copy-frozen");
        lose(first);
        restore(frozen);
        give(frozen, restore(first, old));
        test.operator();
        var second = stage.awaitReady("copy");
        String between = second.getMetadata().getUid();
        assertThat(second.getStatus())
                .returns(first.getStatus().serverId(), s -> s.serverId())
                .returns("small", s -> s.size());
        await().until(() -> !events(between).isEmpty());

        // Lost once more, and its Secret with it: nobody knows what it was made from.
        test.forgetOperator();
        lose(second);
        restore(second, between);
        test.operator();
        var third = stage.awaitReason("copy", Reasons.CLONE_SOURCE_UNAVAILABLE);
        String uid = third.getMetadata().getUid();
        assertThat(third.getStatus())
                .returns(true, s -> s.adoption().isCompleted())
                .returns(first.getStatus().serverId(), s -> s.serverId());
        assertThat(AgentTestEnvironment.condition(third, Reasons.NO_DRIFT))
                .as("its things have the names of its predecessor's predecessor")
                .get()
                .returns(true, Condition::holds);
        await().untilAsserted(() ->
                assertThat(events(uid)).singleElement().asString().startsWith("provision Running " + test.account));
        stage.agent("copy").delete();
        stage.awaitGone("copy");
        assertThat(events(uid)).last().asString().startsWith("destroy");
        clouds.assertNothingIsLeft();
    }

    @Test
    void H09_a_plain_vm_goes_on_under_its_new_uid_and_nobody_elses_is_taken() {
        var test = stage.testEnvironment;
        test.apply("web");
        var before = test.awaitReady("web");
        String old = before.getMetadata().getUid();
        await().until(() -> !events(old).isEmpty());

        // It lives.
        var thief = restored(before, old);
        thief.getMetadata().setName("thief");
        stage.kubernetes.resource(thief).create();
        assertThat(TestEnvironment.ready(test.awaitReason("thief", Reasons.ADOPTION_REFUSED))
                        .message())
                .contains("PlainVm 'web'", "is still there");
        test.vm("thief").delete();
        test.awaitGone("thief");

        // It is gone by force, and belongs to another account.
        test.forgetOperator();
        lose(before);
        String other = "other-" + test.id;
        stage.kubernetes.resource(test.account(other, null, null)).create();
        var strangers = (PlainVm) restored(before, old);
        strangers.getMetadata().setName("thief");
        var spec = before.getSpec();
        strangers.setSpec(new dev.anchorhold.resource.PlainVmSpec(
                other,
                spec.region(),
                spec.size(),
                spec.image(),
                spec.sshKeys(),
                spec.oneTimePassword(),
                spec.firewall(),
                spec.operatingMode(),
                spec.deletionPolicy(),
                spec.recreate()));
        stage.kubernetes.resource(strangers).create();
        test.operator();
        assertThat(TestEnvironment.ready(test.awaitReason("thief", Reasons.ADOPTION_REFUSED))
                        .message())
                .contains("another account than '%s'".formatted(other))
                .doesNotContain(test.account);
        test.vm("thief").delete();
        test.awaitGone("thief");

        // Nobody ever had that UID.
        String nobody = UUID.randomUUID().toString();
        var lost = restored(before, nobody);
        lost.getMetadata().setName("nobodys");
        stage.kubernetes.resource(lost).create();
        assertThat(TestEnvironment.ready(test.awaitReason("nobodys", Reasons.ADOPTION_REFUSED))
                        .message())
                .contains("nothing of this installation's");
        assertThat(clouds.servers()).as("and nothing is made instead").hasSize(1);

        // Its own.
        var restored = restore(before, old);
        String uid = restored.getMetadata().getUid();
        var after = test.awaitReady("web");
        assertThat(after.getStatus())
                .returns(before.getStatus().serverId(), s -> s.serverId())
                .returns(before.getStatus().firewallId(), s -> s.firewallId())
                .returns(before.getStatus().provisionedAt(), s -> s.provisionedAt());
        assertThat(Condition.find(after.getStatus().conditions(), Reasons.NO_DRIFT))
                .as("nobody changed anything")
                .get()
                .returns(true, Condition::holds);
        await().untilAsserted(() -> assertThat(events(uid)).hasSize(1));
        assertThat(events(old)).hasSize(2);
        assertThat(instant(uid, "provision")).isEqualTo(instant(old, "destroy"));
        assertThat(clouds.servers()).hasSize(1);

        // It has things of its own now.
        test.edit("nobodys", vm -> {
            vm.getMetadata().setAnnotations(null);
            return vm;
        });
        test.awaitReady("nobodys");
        test.edit("nobodys", vm -> {
            vm.getMetadata().setAnnotations(Map.of(ApiNames.ADOPT_FROM, nobody));
            return vm;
        });
        assertThat(TestEnvironment.ready(test.await(
                                "nobodys",
                                vm -> TestEnvironment.ready(vm).reason().equals(Reasons.ADOPTION_REFUSED)))
                        .message())
                .contains("things of its own already");
    }

    // ---- a disaster, and a restore

    private static Secret secret(String name) {
        return stage.kubernetes
                .secrets()
                .inNamespace(stage.testEnvironment.namespace)
                .withName(name)
                .get();
    }

    /** Gone by force, as with its cluster; and what Kubernetes removes with it. */
    private static void lose(HasMetadata object) {
        var it = stage.kubernetes.resource(object);
        it.delete();
        TestEnvironment.letGo(it);
        await().until(() -> it.get() == null);
        String frozen = object.getMetadata().getName() + "-frozen";
        await().until(() -> secret(frozen) == null);
    }

    private static HasMetadata restored(HasMetadata backup, String from) {
        var metadata = new ObjectMetaBuilder()
                .withName(backup.getMetadata().getName())
                .withNamespace(backup.getMetadata().getNamespace())
                .withAnnotations(Map.of(ApiNames.ADOPT_FROM, from))
                .build();
        if (backup instanceof Agent agent) {
            var it = new Agent();
            it.setMetadata(metadata);
            it.setSpec(agent.getSpec());
            return it;
        }
        var it = new PlainVm();
        it.setMetadata(metadata);
        it.setSpec(((PlainVm) backup).getSpec());
        return it;
    }

    private static HasMetadata restore(HasMetadata backup, String from) {
        return stage.kubernetes.resource(restored(backup, from)).create();
    }

    private static void restore(Secret backup) {
        backup.setMetadata(new ObjectMetaBuilder()
                .withName(backup.getMetadata().getName())
                .withNamespace(backup.getMetadata().getNamespace())
                .build());
        stage.kubernetes.resource(backup).create();
    }

    private static void give(Secret secret, HasMetadata owner) {
        stage.kubernetes.resource(secret).edit(it -> {
            it.getMetadata()
                    .setOwnerReferences(List.of(new OwnerReferenceBuilder()
                            .withApiVersion(owner.getApiVersion())
                            .withKind(owner.getKind())
                            .withName(owner.getMetadata().getName())
                            .withUid(owner.getMetadata().getUid())
                            .withController(true)
                            .build()));
            return it;
        });
    }

    // ---- the books

    private static List<String> events(String uid) {
        return query(uid, "event || ' ' || coalesce(state, 'null') || ' ' || account || ' ' || coalesce(asked_by, '')");
    }

    private static String instant(String uid, String event) {
        return query(uid, "CASE WHEN event = '%s' THEN at::text ELSE '' END".formatted(event)).stream()
                .filter(it -> !it.isEmpty())
                .findFirst()
                .orElseThrow();
    }

    private static List<String> query(String uid, String column) {
        try (var connection = AgentTestEnvironment.database().asApplication().getConnection();
                var query = connection.prepareStatement(
                        "SELECT " + column + " FROM ledger.event WHERE resource = ?::uuid ORDER BY index")) {
            query.setString(1, uid);
            var rows = query.executeQuery();
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
