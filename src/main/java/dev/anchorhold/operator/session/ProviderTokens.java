package dev.anchorhold.operator.session;

import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.ProviderConfigSpec.TokenSecretRef;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Holds the providers' API tokens, watching the Secrets that are labelled as such in their namespace: the next call
 * uses the new one (F27). What no label says to be a token is not seen here, so is never sent anywhere. A token is never logged, never in a message, never in a status.
 */
public final class ProviderTokens implements AutoCloseable {
    private final Map<Use, TokenSecretRef> used = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final String namespace;
    private final SharedIndexInformer<Secret> secrets;

    /** {@code section} of the ProviderConfig's spec: {@code hetzner} or {@code cloudflare}. */
    private record Use(String provider, String section) {}

    public ProviderTokens(KubernetesClient kubernetes, String namespace) {
        this.namespace = namespace;
        this.secrets = kubernetes
                .secrets()
                .inNamespace(namespace)
                .withLabel(ApiNames.PROVIDER_TOKEN, "true")
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Secret secret) {
                        changed(secret);
                    }

                    @Override
                    public void onUpdate(Secret before, Secret secret) {
                        if (!java.util.Objects.equals(before.getData(), secret.getData())) {
                            changed(secret);
                        }
                    }

                    @Override
                    public void onDelete(Secret secret, boolean unknown) {
                        changed(secret);
                    }
                });
    }

    /** Called with the provider's name when its token may have changed. */
    void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    void register(String provider, String section, TokenSecretRef ref) {
        used.put(new Use(provider, section), ref);
    }

    Optional<String> token(String provider, String section) {
        var ref = used.get(new Use(provider, section));
        return secret(ref)
                .map(Secret::getData)
                .map(data -> data.get(ref.key()))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8).strip())
                .filter(token -> !token.isEmpty());
    }

    /** What is missing where there is no token, and what to do. */
    String whyMissing(String provider, String section) {
        var ref = used.get(new Use(provider, section));
        return secret(ref).isEmpty()
                ? "ProviderConfig '%s' spec.%s.tokenSecretRef: there is no Secret '%s' with the label %s=true in namespace '%s'; create it with the token under the key '%s', or label it"
                        .formatted(provider, section, ref.name(), ApiNames.PROVIDER_TOKEN, namespace, ref.key())
                : "ProviderConfig '%s' spec.%s.tokenSecretRef: Secret '%s' in namespace '%s' has no key '%s', or nothing under it"
                        .formatted(provider, section, ref.name(), namespace, ref.key());
    }

    private Optional<Secret> secret(TokenSecretRef ref) {
        return Optional.ofNullable(secrets.getStore().getByKey(namespace + "/" + ref.name()));
    }

    private void changed(Secret secret) {
        used.forEach((use, ref) -> {
            if (ref.name().equals(secret.getMetadata().getName())) {
                listeners.forEach(l -> l.accept(use.provider));
            }
        });
    }

    @Override
    public void close() {
        secrets.close();
    }
}
