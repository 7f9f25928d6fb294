package dev.anchorhold.operator.plainvm;

import dev.anchorhold.resource.Condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.operator.Stage;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.Anchorhold;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec.Firewalls;
import dev.anchorhold.resource.ProviderConfigSpec.Orphans;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The terms on which a VM is built, kept, paused and let go. */
class PlainVmTermsTest {
    private Stage stage;

    @BeforeEach
    void open() {
        stage = new Stage(Stage.quick().project("other"));
        stage.operator();
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private int servers() {
        return stage.cloud.console().act("GET", "/servers", null).get("servers").size();
    }

    @Test
    void a_quota_is_given_out_by_age_and_a_place_that_becomes_free_is_taken() {
        stage.kubernetes.resource(stage.account(1)).forceConflicts().serverSideApply();
        stage.apply("first");
        stage.awaitReady("first");
        stage.apply("second");
        var refused = stage.awaitReason("second", Reasons.QUOTA_EXCEEDED);
        assertThat(Stage.ready(refused).message()).contains("may have 1 PlainVms");
        assertThat(servers()).isEqualTo(1);

        stage.vm("first").delete();
        stage.awaitReady("second");

        stage.kubernetes.resource(stage.account(0)).forceConflicts().serverSideApply();
        stage.apply("second", "firewall: {inbound: []}"); // a lowered quota takes nothing away
        stage.awaitReady("second");
    }

    @Test
    void a_one_time_password_is_in_its_secret_and_its_hash_in_the_user_data() {
        stage.apply("secret", "oneTimePassword: true");
        var vm = stage.awaitReady("secret");
        Secret secret = stage.kubernetes
                .secrets()
                .inNamespace(stage.namespace)
                .withName(vm.getStatus().oneTimePasswordSecret())
                .get();
        String password =
                new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8);
        assertThat(password).hasSize(20);
        assertThat(secret.getMetadata().getOwnerReferences())
                .anyMatch(o -> o.getUid().equals(vm.getMetadata().getUid()));
    }

    @Test
    void an_unknown_key_and_an_unknown_size_are_told_with_what_there_is() {
        stage.apply("keyless", "oneTimePassword: true");
        var manifest = stage.vm("keyless").get();
        assertThat(manifest).isNotNull();
        stage.kubernetes
                .resource(stage.kubernetes
                        .getKubernetesSerialization()
                        .<dev.anchorhold.resource.PlainVm>unmarshal(
                                """
                                apiVersion: anchorhold.dev/v1alpha1
                                kind: PlainVm
                                metadata: {name: odd, namespace: %s}
                                spec: {account: %s, size: small, image: debian-12, sshKeys: [nobody]}
                                """.formatted(stage.namespace, stage.account), dev.anchorhold.resource.PlainVm.class))
                .create();
        var odd = stage.awaitReason("odd", Reasons.SSH_KEY_UNKNOWN);
        assertThat(Stage.ready(odd).message())
                .contains("no key is named 'nobody'")
                .contains("laptop");
    }

    @Test
    void deletionPolicy_Orphan_leaves_the_server_and_takes_our_labels_off() {
        stage.apply("kept", "deletionPolicy: Orphan");
        var vm = stage.awaitReady("kept");
        stage.vm("kept").delete();
        stage.awaitGone("kept");
        var server = stage.cloud
                .console()
                .act("GET", "/servers/" + vm.getStatus().serverId(), null)
                .get("server");
        assertThat(server.get("status").asText()).isEqualTo("running");
        assertThat(server.get("labels")).isEmpty();
        assertThat(server.at("/public_net/firewalls")).hasSize(1);
    }

    @Test
    void a_paused_object_is_left_alone() {
        stage.apply("held");
        var vm = stage.awaitReady("held");
        annotate("held", Map.of(Anchorhold.PAUSED, "true"));
        stage.cloud.console().powerOff(vm.getStatus().serverId());
        stage.apply("held", "operatingMode: Stopped");
        stage.cloud.requests().reset();
        await().during(Duration.ofSeconds(3)).until(() -> stage.cloud.requests().writes() == 0);

        annotate("held", Map.of());
        stage.awaitReason("held", Reasons.STOPPED);
    }

    private void annotate(String name, Map<String, String> annotations) {
        stage.vm(name).edit(v -> {
            v.getMetadata().setAnnotations(annotations);
            return v;
        });
    }

    @Test
    void F13_an_account_and_a_provider_stay_until_their_vms_are_gone() {
        stage.apply("tenant");
        stage.awaitReady("tenant");
        var account = stage.kubernetes.resources(Account.class).withName(stage.account);
        var provider = stage.kubernetes.resources(ProviderConfig.class).withName(stage.provider);
        provider.delete();
        account.delete();
        await().until(() -> Condition.find(account.get().getStatus().conditions(), Reasons.READY)
                .filter(c -> c.reason().equals(Reasons.IN_USE))
                .isPresent());

        stage.vm("tenant").delete();
        stage.awaitGone("tenant");
        await().until(() -> account.get() == null && provider.get() == null);
        assertThat(servers()).isZero();
        stage.kubernetes
                .resource(stage.providerConfig(Firewalls.PerVm, Orphans.Report))
                .create();
        stage.kubernetes.resource(stage.account(null)).create();
    }

    @Test
    void F27_a_missing_token_and_a_refused_one_are_told_and_a_good_one_is_used_at_once() {
        stage.token("");
        stage.apply("poor");
        var missing = stage.awaitReason("poor", Reasons.CREDENTIALS_MISSING);
        assertThat(Stage.ready(missing).message()).contains("token-" + stage.id).contains("anchorhold-system");

        stage.token(stage.cloud.revokedToken("default"));
        stage.awaitReason("poor", Reasons.CREDENTIALS_INVALID);

        stage.token(stage.cloud.token());
        stage.awaitReady("poor");
    }

    @Test
    void F14_a_token_of_another_project_is_told_and_nothing_there_counts_as_deleted() {
        stage.apply("home");
        long server = stage.awaitReady("home").getStatus().serverId();
        stage.token(stage.cloud.token("other"));
        var away = stage.awaitReason("home", Reasons.PROJECT_DIFFERS);
        assertThat(Stage.ready(away).message()).contains("put that project's token back");

        stage.vm("home").delete();
        stage.await("home", vm -> Stage.ready(vm).message().startsWith("cannot delete"));
        stage.token(stage.cloud.token());
        stage.awaitGone("home");
        assertThat(stage.cloud
                        .console()
                        .act("GET", "/servers?name=" + server, null)
                        .get("servers"))
                .isEmpty();
        assertThat(servers()).isZero();
    }

    @Test
    void a_sealed_key_that_is_gone_for_good_is_registered_anew_on_request() {
        stage.apply("before");
        stage.awaitReady("before");
        var provider = stage.kubernetes.resources(ProviderConfig.class).withName(stage.provider);
        long key = provider.get().getStatus().sealedKeyId();
        stage.cloud.console().act("DELETE", "/ssh_keys/" + key, null);
        stage.forgetOperator();
        stage.operator();
        stage.awaitReason("before", Reasons.PROJECT_DIFFERS);

        provider.edit(p -> {
            p.getMetadata().setAnnotations(Map.of(Anchorhold.FORGET_SEALED_KEY, "" + key));
            return p;
        });
        stage.awaitReady("before");
        assertThat(provider.get().getStatus().sealedKeyId()).isNotEqualTo(key);
    }

    @Test
    void F13_F15_a_deletion_without_credentials_waits_and_an_annotation_is_the_only_way_out() {
        stage.apply("stuck");
        stage.awaitReady("stuck");
        stage.token("");
        stage.vm("stuck").delete();
        stage.awaitReason("stuck", Reasons.CREDENTIALS_MISSING);
        assertThat(servers()).isEqualTo(1);

        annotate("stuck", Map.of(Anchorhold.ABANDON, "true"));
        stage.awaitGone("stuck");
        assertThat(servers()).as("abandoned, not deleted").isEqualTo(1);
    }
}
