package dev.anchorhold.operator.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.guest.GuestProgram;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The immutable Secret that an Agent is started from, for life: made once, by whoever comes first. Every later start uses
 * it and nothing else. Kubernetes removes it with the Agent.
 */
final class FrozenSecret {
    private static final String IMAGE = "image";
    private static final String ENV = "env.json";
    private static final String PROGRAM = "guest.py";
    private static final String SETTINGS = "settings.json";
    private static final int CONFLICT = 409;

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesClient kubernetes;

    FrozenSecret(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /** All of it; {@code toString} shows no value of the environment. */
    record Contents(Frozen frozen, Map<String, String> env, String program) {
        @Override
        public String toString() {
            return frozen.toString();
        }
    }

    /**
     * As it was made.
     *
     * @throws CloudException.NotFound {@code frozen_lost}: somebody deleted it
     * @throws CloudException.NameTaken something else has its name
     */
    Contents read(Agent agent) {
        String name = AgentNames.frozenSecret(agent.getMetadata().getName());
        Secret secret = get(agent, name)
                .orElseThrow(() -> new CloudException.NotFound(detail(
                        "frozen_lost",
                        "the Secret '%s' was deleted: the Agent cannot be started again as it was. Restore the Secret"
                                        .formatted(name)
                                + " from a backup, or make a new Agent")));
        if (secret.getMetadata().getOwnerReferences().stream()
                .noneMatch(o -> o.getUid().equals(agent.getMetadata().getUid()))) {
            throw new CloudException.NameTaken(
                    detail(
                            "secret_exists",
                            "a Secret '%s' is there already and is not this Agent's; remove or rename it"
                                    .formatted(name)),
                    List.of("name"));
        }
        try {
            return new Contents(
                    json.readValue(text(secret, SETTINGS), Frozen.class),
                    json.readValue(text(secret, ENV), new TypeReference<TreeMap<String, String>>() {}),
                    text(secret, PROGRAM));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Secret '%s' is not as it was made".formatted(name));
        }
    }

    /** Makes it; who finds it made takes what is there, whatever today's image is. */
    Contents make(Agent agent, Recipe recipe) {
        var source = recipe.source().map(this::read);
        Map<String, String> env = source.map(Contents::env).orElseGet(() -> resolved(agent));
        int port = source.map(s -> s.frozen().port())
                .orElseGet(() -> Optional.ofNullable(agent.getSpec().port()).orElse(Recipe.PORT));
        var image = recipe.image().getSpec();
        var frozen = new Frozen(
                image.reference(),
                recipe.imageName(),
                image.revision(),
                recipe.baseImage(),
                recipe.region(),
                recipe.size(),
                port);
        try {
            kubernetes.resource(secret(agent, frozen, env)).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw refused(agent, e);
            }
        }
        return read(agent);
    }

    private Secret secret(Agent agent, Frozen frozen, Map<String, String> env) {
        try {
            return new SecretBuilder()
                    .withNewMetadata()
                    .withName(AgentNames.frozenSecret(agent.getMetadata().getName()))
                    .withNamespace(agent.getMetadata().getNamespace())
                    .withOwnerReferences(new OwnerReferenceBuilder()
                            .withApiVersion(agent.getApiVersion())
                            .withKind(agent.getKind())
                            .withName(agent.getMetadata().getName())
                            .withUid(agent.getMetadata().getUid())
                            .withController(true)
                            .build())
                    .endMetadata()
                    .withType("Opaque")
                    .withImmutable(true)
                    .withData(Map.of(
                            IMAGE, base64(frozen.image()),
                            ENV, base64(json.writeValueAsString(env)),
                            PROGRAM, base64(GuestProgram.text()),
                            SETTINGS, base64(json.writeValueAsString(frozen))))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    // ---- the environment

    private Map<String, String> resolved(Agent agent) {
        Map<String, String> env = new TreeMap<>();
        Optional.ofNullable(agent.getSpec().env())
                .orElse(List.of())
                .forEach(v -> env.put(v.name(), v.value() != null ? v.value() : secretValue(agent, v)));
        return env;
    }

    private String secretValue(Agent agent, EnvVar variable) {
        var ref = variable.secretKeyRef();
        String encoded = get(agent, ref.name())
                .map(Secret::getData)
                .map(data -> data.get(ref.key()))
                .orElseThrow(() -> new CloudException.NotFound(detail(
                        "secret_missing",
                        "spec.env '%s': there is no Secret '%s' with a key '%s' in this namespace; create it"
                                .formatted(variable.name(), ref.name(), ref.key()))));
        try {
            String value = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)))
                    .toString();
            if (value.indexOf('\0') < 0) {
                return value;
            }
        } catch (CharacterCodingException e) {
            // told below: the value itself is a secret
        }
        throw new CloudException.Invalid(
                detail(
                        "secret_no_text",
                        "spec.env '%s': the value under '%s' of Secret '%s' is no text without NUL, so no environment variable can hold it"
                                .formatted(variable.name(), ref.key(), ref.name())),
                List.of());
    }

    // ---- the API server

    private Optional<Secret> get(Agent agent, String name) {
        try {
            return Optional.ofNullable(kubernetes
                    .secrets()
                    .inNamespace(agent.getMetadata().getNamespace())
                    .withName(name)
                    .get());
        } catch (KubernetesClientException e) {
            throw refused(agent, e);
        }
    }

    private static CloudException refused(Agent agent, KubernetesClientException e) {
        var detail = detail(
                "secret_refused",
                "the API server refuses Secret '%s': %s"
                        .formatted(
                                AgentNames.frozenSecret(agent.getMetadata().getName()),
                                e.getStatus() == null
                                        ? "no answer"
                                        : e.getStatus().getReason()));
        return e.getCode() == 413 || e.getCode() == 422
                ? new CloudException.Invalid(detail, List.of())
                : new CloudException.Transient(detail, e);
    }

    private static CloudException.Detail detail(String code, String message) {
        return new CloudException.Detail(code, message, "");
    }

    private static String text(Secret secret, String key) {
        return new String(Base64.getDecoder().decode(secret.getData().getOrDefault(key, "")), StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
