package dev.anchorhold.operator.pipeline;

import dev.anchorhold.cloud.CloudException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Creates and reads an immutable Secret that the object owns (controller reference), so that Kubernetes removes it with
 * the object. The chart's policy {@code operator-secrets} allows no other. What the API server refuses comes as its own exception; {@link #refusal} describes it.
 */
public record OwnedSecret(KubernetesClient kubernetes, HasMetadata owner, String name) {
    private static final int CONFLICT = 409;

    /**
     * Makes it, or reads what an earlier attempt made; empty when it is deleted meanwhile.
     *
     * @throws CloudException.Unresolved something else has its name
     */
    public Optional<Secret> make(Map<String, String> texts) {
        try {
            return Optional.of(kubernetes.resource(secret(texts)).create());
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
            return read();
        }
    }

    /** @throws CloudException.Unresolved something else has its name */
    public Optional<Secret> read() {
        var existing = Optional.ofNullable(kubernetes
                .secrets()
                .inNamespace(owner.getMetadata().getNamespace())
                .withName(name)
                .get());
        existing.filter(s -> s.getMetadata().getOwnerReferences().stream()
                        .noneMatch(o -> o.getUid().equals(owner.getMetadata().getUid())))
                .ifPresent(_ -> {
                    throw taken();
                });
        return existing;
    }

    /** Something else has its name. */
    public CloudException.Unresolved taken() {
        return new CloudException.Unresolved(new CloudException.Detail(
                "secret_exists",
                "a Secret '%s' is there already and is not this %s's; remove or rename it"
                        .formatted(name, owner.getKind()),
                ""));
    }

    private Secret secret(Map<String, String> texts) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(owner.getMetadata().getNamespace())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(owner.getApiVersion())
                        .withKind(owner.getKind())
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .withController(true)
                        .build())
                .endMetadata()
                .withType("Opaque")
                .withImmutable(true)
                .withData(data(texts))
                .build();
    }

    /** The texts, as a Secret holds them. */
    public static Map<String, String> data(Map<String, String> texts) {
        return texts.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        text -> Base64.getEncoder()
                                .encodeToString(text.getValue().getBytes(StandardCharsets.UTF_8))));
    }

    /** Empty where it has no such key. */
    public static String text(Secret secret, String key) {
        String encoded =
                Optional.ofNullable(secret.getData()).map(data -> data.get(key)).orElse("");
        return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    }

    /**
     * @param excerpt what of the API server's answer may be shown: its message may quote what the Secret was to hold
     */
    public CloudException.Detail refusal(KubernetesClientException e, Function<Status, String> excerpt) {
        String why = Optional.ofNullable(e.getStatus()).map(excerpt).orElse("no answer");
        return new CloudException.Detail(
                "secret_refused", "the API server refuses Secret '%s': %s".formatted(name, why), "");
    }
}
