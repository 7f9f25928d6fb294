package dev.anchorhold.operator.plainvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.operator.TestEnvironment;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountSpec;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Quota, credentials, pause, deletion policy and other rules under which a VM is built and kept. */
class PlainVmPolicyTest {
    private TestEnvironment testEnvironment;

    @BeforeEach
    void open() {
        testEnvironment = new TestEnvironment(TestEnvironment.quick().project("other"));
        testEnvironment.operator();
    }

    @AfterEach
    void close() {
        testEnvironment.close();
    }

    private int servers() {
        return testEnvironment
                .cloud
                .console()
                .act("GET", "/servers", null)
                .get("servers")
                .size();
    }

    @Test
    void a_quota_is_given_out_by_age_and_a_place_that_becomes_free_is_taken() {
        testEnvironment
                .kubernetes
                .resource(testEnvironment.account(1))
                .forceConflicts()
                .serverSideApply();
        testEnvironment.apply("first");
        testEnvironment.awaitReady("first");
        testEnvironment.apply("second");
        var refused = testEnvironment.awaitReason("second", Reasons.QUOTA_EXCEEDED);
        assertThat(TestEnvironment.ready(refused).message()).contains("may have 1 PlainVms");
        assertThat(servers()).isEqualTo(1);

        testEnvironment.vm("first").delete();
        testEnvironment.awaitReady("second");

        testEnvironment
                .kubernetes
                .resource(testEnvironment.account(0))
                .forceConflicts()
                .serverSideApply();
        testEnvironment.apply("second", "firewall: {inbound: []}"); // a lowered quota takes nothing away
        testEnvironment.awaitReady("second");
    }

    @Test
    void a_one_time_password_is_in_its_secret_and_its_hash_in_the_user_data() {
        testEnvironment.apply("secret", "oneTimePassword: true");
        var vm = testEnvironment.awaitReady("secret");
        Secret secret = testEnvironment
                .kubernetes
                .secrets()
                .inNamespace(testEnvironment.namespace)
                .withName(vm.getStatus().oneTimePasswordSecret())
                .get();
        String password =
                new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8);
        assertThat(password).hasSize(20);
        assertThat(secret.getImmutable()).isTrue();
        assertThat(secret.getMetadata().getOwnerReferences())
                .anyMatch(o -> o.getUid().equals(vm.getMetadata().getUid()));
    }

    @Test
    void an_unknown_key_and_an_unknown_size_are_reported_with_what_there_is() {
        testEnvironment.apply("keyless", "oneTimePassword: true");
        var manifest = testEnvironment.vm("keyless").get();
        assertThat(manifest).isNotNull();
        testEnvironment
                .kubernetes
                .resource(testEnvironment
                        .kubernetes
                        .getKubernetesSerialization()
                        .<dev.anchorhold.resource.PlainVm>unmarshal(
                                """
                                apiVersion: anchorhold.dev/v1alpha1
                                kind: PlainVm
                                metadata: {name: odd, namespace: %s}
                                spec: {account: %s, size: small, image: debian-12, sshKeys: [nobody]}
                                """.formatted(testEnvironment.namespace, testEnvironment.account),
                                dev.anchorhold.resource.PlainVm.class))
                .create();
        var odd = testEnvironment.awaitReason("odd", Reasons.SSH_KEY_UNKNOWN);
        assertThat(TestEnvironment.ready(odd).message())
                .contains("no key is named 'nobody'")
                .contains("laptop");
    }

    @Test
    void H02_deletionPolicy_Orphan_leaves_the_server_and_takes_our_label_off_and_leaves_a_mark() {
        testEnvironment.apply("kept", "deletionPolicy: Orphan");
        var vm = testEnvironment.awaitReady("kept");
        testEnvironment.vm("kept").delete();
        testEnvironment.awaitGone("kept");
        var server = testEnvironment
                .cloud
                .console()
                .act("GET", "/servers/" + vm.getStatus().serverId(), null)
                .get("server");
        assertThat(server.get("status").asText()).isEqualTo("running");
        assertThat(server.get("labels"))
                .as("by its mark it is found again")
                .isEqualTo(new ObjectMapper()
                        .valueToTree(Map.of(
                                Ownership.ABANDONED,
                                testEnvironment.id,
                                Ownership.KIND,
                                "PlainVm",
                                Ownership.UID,
                                vm.getMetadata().getUid())));
        assertThat(server.at("/public_net/firewalls")).hasSize(1);
    }

    @Test
    void a_paused_object_is_left_alone() {
        testEnvironment.apply("held");
        var vm = testEnvironment.awaitReady("held");
        annotate("held", Map.of(ApiNames.PAUSED, "true"));
        testEnvironment.cloud.console().powerOff(vm.getStatus().serverId());
        testEnvironment.apply("held", "operatingMode: Stopped");
        testEnvironment.cloud.requests().reset();
        await().during(Duration.ofSeconds(3))
                .until(() -> testEnvironment.cloud.requests().writes() == 0);

        annotate("held", Map.of());
        testEnvironment.awaitReason("held", Reasons.STOPPED);
    }

    private void annotate(String name, Map<String, String> annotations) {
        testEnvironment.vm(name).edit(v -> {
            v.getMetadata().setAnnotations(annotations);
            return v;
        });
    }

    @Test
    void F13_an_account_and_a_provider_stay_until_their_vms_are_gone() {
        testEnvironment.apply("tenant");
        testEnvironment.awaitReady("tenant");
        var account = testEnvironment.kubernetes.resources(Account.class).withName(testEnvironment.account);
        var provider =
                testEnvironment.kubernetes.resources(ProviderConfig.class).withName(testEnvironment.provider);
        provider.delete();
        account.delete();
        await().until(() -> Condition.find(account.get().getStatus().conditions(), Reasons.READY)
                .filter(c -> c.reason().equals(Reasons.IN_USE))
                .isPresent());

        testEnvironment.vm("tenant").delete();
        testEnvironment.awaitGone("tenant");
        await().until(() -> account.get() == null && provider.get() == null);
        assertThat(servers()).isZero();
        testEnvironment
                .kubernetes
                .resource(testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Report))
                .create();
        testEnvironment.kubernetes.resource(testEnvironment.account(null)).create();
    }

    @Test
    void H07_an_account_takes_new_objects_only_of_the_namespaces_that_it_names_and_what_it_has_goes_on() {
        testEnvironment.apply("before");
        testEnvironment.awaitReady("before");
        open(List.of("another"));
        testEnvironment.apply("after");
        var refused = testEnvironment.awaitReason("after", Reasons.NAMESPACE_NOT_ALLOWED);
        assertThat(TestEnvironment.ready(refused).message())
                .contains(testEnvironment.account, testEnvironment.namespace, "spec.namespaces");
        assertThat(refused.getStatus().providerConfig()).isNull();
        testEnvironment.apply("before", "operatingMode: Stopped");
        testEnvironment.awaitReason("before", Reasons.STOPPED);
        assertThat(servers()).isEqualTo(1);

        open(List.of("another", testEnvironment.namespace));
        testEnvironment.awaitReady("after");
    }

    @Test
    void H07_what_an_account_refused_and_what_only_others_finalizers_keep_fill_no_quota() {
        open(List.of("another"), 1);
        testEnvironment.apply("stranger");
        testEnvironment.awaitReason("stranger", Reasons.NAMESPACE_NOT_ALLOWED);
        var account = testEnvironment.kubernetes.resources(Account.class).withName(testEnvironment.account);
        testEnvironment.vm("stranger").delete();
        testEnvironment.awaitGone("stranger");

        open(List.of(testEnvironment.namespace), 1);
        testEnvironment.apply("kept");
        testEnvironment.awaitReady("kept");
        testEnvironment.vm("kept").edit(vm -> {
            vm.addFinalizer("example.com/keep");
            return vm;
        });
        testEnvironment.apply("next");
        testEnvironment.awaitReason("next", Reasons.QUOTA_EXCEEDED);
        testEnvironment.vm("kept").delete();
        await().until(
                        () -> testEnvironment.vm("kept").get().getMetadata().getFinalizers(),
                        List.of("example.com/keep")::equals);
        testEnvironment.apply("next", "operatingMode: Running");
        testEnvironment.awaitReady("next");
        await().until(() -> account.get().getStatus().plainVms(), Integer.valueOf(1)::equals);
        testEnvironment.vm("kept").edit(vm -> {
            vm.removeFinalizer("example.com/keep");
            return vm;
        });
    }

    private void open(List<String> namespaces) {
        open(namespaces, null);
    }

    private void open(List<String> namespaces, Integer quota) {
        var spec = testEnvironment.account(quota).getSpec();
        var account = testEnvironment.account(quota);
        account.setSpec(new AccountSpec(
                spec.displayName(),
                spec.providerConfigRef(),
                namespaces,
                spec.quotas(),
                spec.sshKeys(),
                spec.members()));
        testEnvironment.kubernetes.resource(account).forceConflicts().serverSideApply();
    }

    @Test
    void H07_an_account_that_is_being_deleted_takes_nothing_new_and_what_it_refused_does_not_keep_it() {
        testEnvironment.apply("tenant");
        testEnvironment.awaitReady("tenant");
        var account = testEnvironment.kubernetes.resources(Account.class).withName(testEnvironment.account);
        account.delete();
        testEnvironment.apply("late");
        testEnvironment.awaitReason("late", Reasons.ACCOUNT_DELETING);
        testEnvironment.apply("tenant", "operatingMode: Stopped");
        testEnvironment.awaitReason("tenant", Reasons.STOPPED);
        assertThat(servers()).isEqualTo(1);

        testEnvironment.vm("tenant").delete();
        testEnvironment.awaitGone("tenant");
        await().until(() -> account.get() == null);
        testEnvironment.awaitReason("late", Reasons.ACCOUNT_NOT_FOUND);
        testEnvironment.kubernetes.resource(testEnvironment.account(null)).create();
        testEnvironment.awaitReady("late");
    }

    @Test
    void H12_no_token_is_sent_to_an_address_without_the_installations_leave() {
        testEnvironment.apply("home");
        testEnvironment.awaitReady("home");
        var provider =
                testEnvironment.kubernetes.resources(ProviderConfig.class).withName(testEnvironment.provider);
        String cloud = testEnvironment.cloud.endpoint().toString();
        endpoint(cloud.replace("127.0.0.1", "localhost"));
        await().until(() -> Condition.find(provider.get().getStatus().conditions(), Reasons.READY)
                .filter(c -> c.reason().equals(Reasons.ENDPOINT_NOT_ALLOWED))
                .isPresent());
        testEnvironment.awaitReason("home", Reasons.ENDPOINT_NOT_ALLOWED);
        testEnvironment.cloud.requests().reset();
        testEnvironment.apply("home", "operatingMode: Stopped");
        testEnvironment.awaitReason("home", Reasons.ENDPOINT_NOT_ALLOWED);
        assertThat(testEnvironment.cloud.requests().total()).isZero();

        endpoint(cloud);
        testEnvironment.awaitReason("home", Reasons.STOPPED);
    }

    private void endpoint(String url) {
        testEnvironment
                .kubernetes
                .resources(ProviderConfig.class)
                .withName(testEnvironment.provider)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"hetzner\":{\"endpoint\":\"%s\"}}}".formatted(url));
    }

    @Test
    void F27_a_missing_token_and_a_refused_one_are_reported_and_a_good_one_is_used_at_once() {
        testEnvironment.token("");
        testEnvironment.apply("poor");
        var missing = testEnvironment.awaitReason("poor", Reasons.CREDENTIALS_MISSING);
        assertThat(TestEnvironment.ready(missing).message())
                .contains("token-" + testEnvironment.id)
                .contains("anchorhold-system-tokens");

        testEnvironment.token(testEnvironment.cloud.revokedToken("default"));
        testEnvironment.awaitReason("poor", Reasons.CREDENTIALS_INVALID);

        testEnvironment.token(testEnvironment.cloud.token());
        testEnvironment.awaitReady("poor");
    }

    @Test
    void F14_a_token_of_another_project_is_reported_and_nothing_there_counts_as_deleted() {
        testEnvironment.apply("home");
        long server = testEnvironment.awaitReady("home").getStatus().serverId();
        testEnvironment.token(testEnvironment.cloud.token("other"));
        var away = testEnvironment.awaitReason("home", Reasons.PROJECT_DIFFERS);
        assertThat(TestEnvironment.ready(away).message()).contains("put that project's token back");

        testEnvironment.vm("home").delete();
        testEnvironment.await("home", vm -> TestEnvironment.ready(vm).message().startsWith("cannot delete"));
        testEnvironment.token(testEnvironment.cloud.token());
        testEnvironment.awaitGone("home");
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("GET", "/servers?name=" + server, null)
                        .get("servers"))
                .isEmpty();
        assertThat(servers()).isZero();
    }

    @Test
    void a_sealed_key_that_is_gone_for_good_is_registered_anew_on_request() {
        testEnvironment.apply("before");
        testEnvironment.awaitReady("before");
        var provider =
                testEnvironment.kubernetes.resources(ProviderConfig.class).withName(testEnvironment.provider);
        long key = provider.get().getStatus().sealedKeyId();
        testEnvironment.cloud.console().act("DELETE", "/ssh_keys/" + key, null);
        testEnvironment.forgetOperator();
        testEnvironment.operator();
        testEnvironment.awaitReason("before", Reasons.PROJECT_DIFFERS);

        provider.edit(p -> {
            p.getMetadata().setAnnotations(Map.of(ApiNames.FORGET_SEALED_KEY, "" + key));
            return p;
        });
        testEnvironment.awaitReady("before");
        assertThat(provider.get().getStatus().sealedKeyId()).isNotEqualTo(key);
    }

    @Test
    void H08_a_provider_config_made_anew_gets_its_mark_back_and_no_other_project_is_believed() {
        testEnvironment.apply("stays");
        var before = testEnvironment.awaitReady("stays").getStatus();
        long key = before.sealedKeyId();
        makeProviderAnew();
        await().until(() -> Long.valueOf(key).equals(sealedKey()));
        testEnvironment.token(testEnvironment.cloud.token("other"));
        testEnvironment.awaitReason("stays", Reasons.PROJECT_DIFFERS);
        testEnvironment.token(testEnvironment.cloud.token());
        testEnvironment.awaitReady("stays");

        // The session is gone as well, and the other project is one of ours: it has our key, under another id.
        testEnvironment.forgetOperator();
        makeProviderAnew();
        testEnvironment
                .cloud
                .console()
                .act(
                        "other",
                        "POST",
                        "/ssh_keys",
                        "{\"name\":\"anchorhold-sealed-%s\",\"public_key\":\"%s\",\"labels\":{\"anchorhold.dev/installation\":\"%s\"}}"
                                .formatted(testEnvironment.id, TestEnvironment.KEY, testEnvironment.id));
        testEnvironment.token(testEnvironment.cloud.token("other"));
        testEnvironment.operator();
        testEnvironment.awaitReason("stays", Reasons.PROJECT_DIFFERS);
        assertThat(sealedKey())
                .as("nothing is on record that was not confirmed")
                .isNull();
        testEnvironment.token(testEnvironment.cloud.token());
        var after = testEnvironment.awaitReady("stays").getStatus();
        assertThat(after.serverId()).isEqualTo(before.serverId());
        await().until(() -> Long.valueOf(key).equals(sealedKey()));
        assertThat(servers()).isEqualTo(1);
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("other", "GET", "/servers", null)
                        .get("servers"))
                .isEmpty();
    }

    @Test
    void H08_where_nobody_knows_the_mark_a_project_without_our_key_is_refused_while_objects_stand_there() {
        testEnvironment.apply("old");
        testEnvironment.awaitReady("old");
        testEnvironment.forgetOperator();
        forgetMark("old"); // as an operator of an earlier version left it
        makeProviderAnew();
        testEnvironment.token(testEnvironment.cloud.token("other"));
        testEnvironment.operator();
        var refused = testEnvironment.awaitReason("old", Reasons.PROJECT_DIFFERS);
        assertThat(TestEnvironment.ready(refused).message()).contains(ApiNames.FORGET_SEALED_KEY + ": \"unknown\"");
        assertThat(testEnvironment
                        .cloud
                        .console()
                        .act("other", "GET", "/ssh_keys", null)
                        .get("ssh_keys"))
                .isEmpty();
        testEnvironment.token(testEnvironment.cloud.token());
        testEnvironment.awaitReady("old");
        testEnvironment.await("old", vm -> vm.getStatus().sealedKeyId() != null);
        assertThat(servers()).isEqualTo(1);
    }

    private Long sealedKey() {
        var status = testEnvironment
                .kubernetes
                .resources(ProviderConfig.class)
                .withName(testEnvironment.provider)
                .get()
                .getStatus();
        return status == null ? null : status.sealedKeyId();
    }

    /** Deleted by force and made again, as a restore or a person in a hurry does it. */
    private void makeProviderAnew() {
        var provider =
                testEnvironment.kubernetes.resources(ProviderConfig.class).withName(testEnvironment.provider);
        provider.delete();
        provider.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        await().until(() -> provider.get() == null);
        testEnvironment
                .kubernetes
                .resource(testEnvironment.providerConfig(Firewalls.PerVm, Orphans.Report))
                .create();
    }

    private void forgetMark(String name) {
        testEnvironment
                .vm(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"sealedKeyId\":null}}");
    }

    @Test
    void F13_F15_a_deletion_without_credentials_waits_and_an_annotation_is_the_only_way_out() {
        testEnvironment.apply("stuck");
        testEnvironment.awaitReady("stuck");
        testEnvironment.token("");
        testEnvironment.vm("stuck").delete();
        testEnvironment.awaitReason("stuck", Reasons.CREDENTIALS_MISSING);
        assertThat(servers()).isEqualTo(1);

        annotate("stuck", TestEnvironment.abandonment());
        testEnvironment.awaitGone("stuck");
        assertThat(servers()).as("abandoned, not deleted").isEqualTo(1);
    }
}
