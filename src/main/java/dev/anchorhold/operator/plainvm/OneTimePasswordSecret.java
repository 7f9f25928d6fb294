package dev.anchorhold.operator.plainvm;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.guest.OneTimePassword;
import dev.anchorhold.operator.pipeline.OwnedSecret;
import dev.anchorhold.resource.PlainVm;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;

/**
 * Creates and reads the Secret that holds a PlainVm's one-time password. It is made before the server, so that no
 * server has a password that nobody knows; a crash between the two leaves a Secret that the next attempt reads.
 */
final class OneTimePasswordSecret {
    private static final String PASSWORD = "password";

    private OneTimePasswordSecret() {}

    static String name(PlainVm vm) {
        return vm.getMetadata().getName() + "-one-time-password";
    }

    /**
     * The password's hash.
     *
     * @throws CloudException.Unresolved a Secret of that name is there and is not this VM's
     * @throws CloudException.Transient the API server refuses it
     */
    static String hash(KubernetesClient kubernetes, PlainVm vm) {
        var secret = new OwnedSecret(kubernetes, vm, name(vm));
        try {
            return secret.make(Map.of("user", "root", PASSWORD, OneTimePassword.generate()))
                    .map(it -> OwnedSecret.text(it, PASSWORD))
                    .filter(password -> !password.isEmpty())
                    .map(OneTimePassword::hash)
                    .orElseThrow(secret::taken);
        } catch (KubernetesClientException e) {
            throw new CloudException.Transient(secret.refusal(e, Status::getMessage), e);
        }
    }
}
