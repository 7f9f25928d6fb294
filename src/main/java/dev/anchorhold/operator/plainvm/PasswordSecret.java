package dev.anchorhold.operator.plainvm;

import dev.anchorhold.guest.OneTimePassword;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The Secret from which the owner reads the one-time password. It is made before the server, so that no server has a
 * password that nobody knows; a crash between the two leaves a Secret that the next attempt reads.
 */
final class PasswordSecret {
    private static final int CONFLICT = 409;

    private PasswordSecret() {}

    static String name(PlainVm vm) {
        return vm.getMetadata().getName() + "-one-time-password";
    }

    /** The password's hash; empty when a Secret of that name is there and is not this VM's. */
    static Optional<String> hash(KubernetesClient kubernetes, PlainVm vm) {
        Secret mine = wanted(vm);
        Secret there;
        try {
            there = kubernetes.resource(mine).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
            there = kubernetes.resource(mine).get();
        }
        boolean ours = there != null
                && there.getData() != null
                && there.getData().containsKey("password")
                && there.getMetadata().getOwnerReferences().stream()
                        .anyMatch(o -> o.getUid().equals(vm.getMetadata().getUid()));
        return ours
                ? Optional.of(OneTimePassword.hash(new String(
                        Base64.getDecoder().decode(there.getData().get("password")), StandardCharsets.UTF_8)))
                : Optional.empty();
    }

    private static Secret wanted(PlainVm vm) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name(vm))
                .withNamespace(vm.getMetadata().getNamespace())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(vm.getApiVersion())
                        .withKind(vm.getKind())
                        .withName(vm.getMetadata().getName())
                        .withUid(vm.getMetadata().getUid())
                        .withController(true)
                        .build())
                .endMetadata()
                .withType("Opaque")
                .withData(Map.of(
                        "user", base64("root"),
                        "password", base64(OneTimePassword.generate())))
                .build();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
