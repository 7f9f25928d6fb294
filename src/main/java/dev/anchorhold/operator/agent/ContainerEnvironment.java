package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.EnvVar;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Reads the environment that an Agent is to be frozen with, from its spec and the Secrets that this names, and refuses
 * what no container can be started with: once it is frozen it could never be mended. Messages name the variable and the
 * limit, never a value.
 */
final class ContainerEnvironment {
    /** Linux starts no program with a longer string than 32 pages; each variable is one, NAME=value and a NUL (execve(2), MAX_ARG_STRLEN). */
    static final int MAX_VARIABLE = 128 * 1024 - 1;

    /** What the API server takes as a Secret's data, in all. */
    static final int MAX_SECRET = 1024 * 1024;

    private final KubernetesClient kubernetes;

    ContainerEnvironment(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /** @throws CloudException.Unresolved a Secret or a key is not there, or what is under it is no text */
    Map<String, String> resolve(Agent agent) {
        Map<String, Optional<Secret>> secrets = new HashMap<>();
        Map<String, String> env = new TreeMap<>();
        for (EnvVar variable : Optional.ofNullable(agent.getSpec().env()).orElse(List.of())) {
            env.put(
                    variable.name(),
                    variable.value() != null
                            ? variable.value()
                            : value(
                                    variable,
                                    secrets.computeIfAbsent(
                                            variable.secretKeyRef().name(), name -> secret(agent, name))));
        }
        return env;
    }

    /** @throws CloudException.Unresolved a variable is larger than Linux takes */
    static void check(Map<String, String> env) {
        env.forEach((name, value) -> {
            int size = size(name, value);
            if (size > MAX_VARIABLE) {
                throw unusable(
                        "spec.env '%s': NAME=value has %d bytes, and Linux starts no program with more than %d in"
                                        .formatted(name, size, MAX_VARIABLE)
                                + " one variable; shorten it, or keep the text in a file on the data volume");
            }
        });
    }

    /**
     * @param texts all that goes into the frozen Secret, the environment among it
     * @throws CloudException.Unresolved they are more than a Secret holds
     */
    static void checkSize(Map<String, String> env, Map<String, String> texts) {
        int all = texts.values().stream().mapToInt(ContainerEnvironment::bytes).sum();
        if (all > MAX_SECRET) {
            String largest = env.entrySet().stream()
                    .sorted(Comparator.comparing(it -> -size(it.getKey(), it.getValue())))
                    .limit(3)
                    .map(it -> "'%s' (%d bytes)".formatted(it.getKey(), size(it.getKey(), it.getValue())))
                    .collect(Collectors.joining(", "));
            throw unusable(
                    "spec.env: with it the frozen Secret would have %d bytes, and a Secret holds %d; shorten it. The"
                                    .formatted(all, MAX_SECRET)
                            + " largest of its variables: " + largest);
        }
    }

    private static String value(EnvVar variable, Optional<Secret> secret) {
        var ref = variable.secretKeyRef();
        String encoded = secret.map(Secret::getData)
                .map(data -> data.get(ref.key()))
                .orElseThrow(() -> new CloudException.Unresolved(new CloudException.Detail(
                        "secret_missing",
                        "spec.env '%s': there is no Secret '%s' with a key '%s' in this namespace; create it"
                                .formatted(variable.name(), ref.name(), ref.key()),
                        "")));
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
        throw unusable(
                "spec.env '%s': the value under '%s' of Secret '%s' is no text without NUL, so no environment variable can hold it"
                        .formatted(variable.name(), ref.key(), ref.name()));
    }

    private Optional<Secret> secret(Agent agent, String name) {
        try {
            return Optional.ofNullable(kubernetes
                    .secrets()
                    .inNamespace(agent.getMetadata().getNamespace())
                    .withName(name)
                    .get());
        } catch (KubernetesClientException e) {
            throw new CloudException.Transient(
                    new CloudException.Detail(
                            "secret_unread",
                            "the API server does not give Secret '%s' (status %d)".formatted(name, e.getCode()),
                            ""),
                    e);
        }
    }

    private static int size(String name, String value) {
        return bytes(name) + 1 + bytes(value);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static CloudException.Unresolved unusable(String message) {
        return new CloudException.Unresolved(new CloudException.Detail("environment_unusable", message, ""));
    }
}
