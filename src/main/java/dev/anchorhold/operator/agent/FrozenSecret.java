package dev.anchorhold.operator.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.guest.GuestProgram;
import dev.anchorhold.operator.pipeline.OwnedSecret;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Status;
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
 * Creates and reads the immutable Secret from which an Agent is started for life: made once, by whoever comes first.
 * Every later start uses it and nothing else. Kubernetes removes it with the Agent.
 */
final class FrozenSecret {
    private static final String IMAGE = "image";
    private static final String ENV = "env.json";
    private static final String PROGRAM = "guest.py";
    private static final String SETTINGS = "settings.json";

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesClient kubernetes;

    FrozenSecret(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /** All of it; {@code toString} shows no value of the environment. */
    record Contents(FrozenSpec frozen, Map<String, String> env, String program) {
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
        var secret = secret(agent);
        try {
            return secret.read().map(this::contents).orElseThrow(() -> lost(secret));
        } catch (KubernetesClientException e) {
            throw refused(secret, e);
        }
    }

    private Contents contents(Secret secret) {
        try {
            return new Contents(
                    json.readValue(OwnedSecret.text(secret, SETTINGS), FrozenSpec.class),
                    json.readValue(OwnedSecret.text(secret, ENV), new TypeReference<TreeMap<String, String>>() {}),
                    OwnedSecret.text(secret, PROGRAM));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Secret '%s' is not as it was made"
                    .formatted(secret.getMetadata().getName()));
        }
    }

    /** Makes it; who finds it made takes what is there, whatever today's image is. */
    Contents create(Agent agent, ProvisioningInputs provisioningInputs) {
        var source = provisioningInputs.source().map(this::read);
        Map<String, String> env = source.map(Contents::env).orElseGet(() -> resolved(agent));
        int port = source.map(s -> s.frozen().port())
                .orElseGet(() -> Optional.ofNullable(agent.getSpec().port()).orElse(ProvisioningInputs.DEFAULT_PORT));
        var image = provisioningInputs.image().getSpec();
        var frozen = new FrozenSpec(
                image.reference(),
                provisioningInputs.imageName(),
                image.revision(),
                provisioningInputs.baseImage(),
                provisioningInputs.region(),
                provisioningInputs.size(),
                port);
        var secret = secret(agent);
        try {
            return secret.make(
                            Map.of(
                                    IMAGE, frozen.image(),
                                    ENV, json.writeValueAsString(env),
                                    PROGRAM, GuestProgram.text(),
                                    SETTINGS, json.writeValueAsString(frozen)),
                            true)
                    .map(this::contents)
                    .orElseThrow(() -> lost(secret));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        } catch (KubernetesClientException e) {
            throw refused(secret, e);
        }
    }

    private OwnedSecret secret(Agent agent) {
        return new OwnedSecret(
                kubernetes, agent, AgentNames.frozenSecret(agent.getMetadata().getName()));
    }

    private static CloudException lost(OwnedSecret secret) {
        return new CloudException.NotFound(detail(
                "frozen_lost",
                "the Secret '%s' was deleted: the Agent cannot be started again as it was. Restore the Secret"
                                .formatted(secret.name())
                        + " from a backup, or make a new Agent"));
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
            // reported below: the value itself is a secret
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
            throw refused(secret(agent), e);
        }
    }

    /** What was to be in it stays untold: the API server's message may quote it. */
    private static CloudException refused(OwnedSecret secret, KubernetesClientException e) {
        var detail = secret.refusal(e, Status::getReason);
        return e.getCode() == 413 || e.getCode() == 422
                ? new CloudException.Invalid(detail, List.of())
                : new CloudException.Transient(detail, e);
    }

    private static CloudException.Detail detail(String code, String message) {
        return new CloudException.Detail(code, message, "");
    }
}
