package dev.anchorhold.operator.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.door.message.RegistryLogin;
import dev.anchorhold.guest.GuestProgram;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.OwnedSecret;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ObjectStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Creates and reads the immutable Secret from which an Agent is started for life: made once, by whoever comes first.
 * Every later start uses it and nothing else. Kubernetes removes it with the Agent.
 */
final class FrozenSecret {
    private static final String IMAGE = "image";
    private static final String ENV = "env.json";
    private static final String PROGRAM = "guest.py";
    private static final String SETTINGS = "settings.json";
    private static final String LOGIN = "registry-login.json";
    private static final String NONCE = "nonce";
    private static final int NONCE_SIZE = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ObjectMapper json = new ObjectMapper();
    private final KubernetesClient kubernetes;
    private final ContainerEnvironment environment;
    private final PullSecrets pullSecrets;

    FrozenSecret(KubernetesClient kubernetes, PullSecrets pullSecrets) {
        this.kubernetes = kubernetes;
        this.pullSecrets = pullSecrets;
        this.environment = new ContainerEnvironment(kubernetes);
    }

    /** All of it; {@code toString} shows no value of the environment. */
    record Contents(
            FrozenSpec frozen, Map<String, String> env, String program, Optional<RegistryLogin> login, String digest) {
        @Override
        public String toString() {
            return frozen.toString();
        }
    }

    /** What a Secret is about to be made of, from that generation of the spec; it holds the environment, and is never printed. */
    record Prepared(long generation, Map<String, String> texts, String digest) {
        @Override
        public String toString() {
            return digest;
        }
    }

    /**
     * As it was made.
     *
     * @throws CloudException.Unresolved {@code frozen_lost}: somebody deleted it; {@code frozen_changed}: it is not what was frozen; or something
     * else has its name
     */
    Contents read(Agent agent) {
        var secret = secret(agent);
        var contents = get(secret).orElseThrow(() -> lost(secret));
        if (!isOnRecord(agent, contents)) {
            throw changed(secret);
        }
        return contents;
    }

    /**
     * What an operator made that died before it was on record as made; empty where none did. Who has an object take over what its predecessor
     * left, which needs a verb of its own, vouches for that one's Secret: it is believed once, as far as it is of the size and region that the
     * books have, and has its digest on record from then on.
     *
     * @throws CloudException.Unresolved as {@link #read}
     */
    Optional<Contents> find(Agent agent) {
        var secret = secret(agent);
        var found = get(secret);
        var status = ObjectStatus.own(agent).orElse(AgentStatus.NONE);
        boolean takenOver = status.frozenDigest() == null && status.adoption() != null;
        if (found.filter(it -> takenOver
                        ? !isAsBilled(status, it.frozen())
                        : !it.digest().equals(status.frozenDigest()))
                .isPresent()) {
            throw changed(secret);
        }
        return found;
    }

    private static boolean isAsBilled(AgentStatus status, FrozenSpec frozen) {
        return status.size() == null // there are no books
                || frozen.size().equals(status.size()) && frozen.region().key().equals(status.region());
    }

    private Optional<Contents> get(OwnedSecret secret) {
        try {
            return secret.read().map(it -> contents(secret, it));
        } catch (KubernetesClientException e) {
            throw refused(secret, e);
        }
    }

    /** Where it was frozen before there were digests, what status has of it must agree. */
    private static boolean isOnRecord(Agent agent, Contents contents) {
        var status = agent.getStatus();
        var frozen = contents.frozen();
        return status.frozenDigest() != null
                ? status.frozenDigest().equals(contents.digest())
                : frozen.image().equals(status.image())
                        && frozen.agentImage().equals(status.agentImage())
                        && Long.valueOf(frozen.revision()).equals(status.imageRevision())
                        && frozen.region().key().equals(status.region())
                        && frozen.size().equals(status.size());
    }

    private Contents contents(OwnedSecret name, Secret secret) {
        try {
            return new Contents(
                    json.readValue(OwnedSecret.text(secret, SETTINGS), FrozenSpec.class),
                    json.readValue(OwnedSecret.text(secret, ENV), new TypeReference<TreeMap<String, String>>() {}),
                    OwnedSecret.text(secret, PROGRAM),
                    OwnedSecret.text(secret, LOGIN).isEmpty()
                            ? Optional.empty()
                            : Optional.of(json.readValue(OwnedSecret.text(secret, LOGIN), RegistryLogin.class)),
                    digest(Optional.ofNullable(secret.getData()).orElse(Map.of())));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw changed(name); // without the cause, which may quote it
        }
    }

    /** Over all that it holds. One of its values is random, so that nobody guesses the environment by the digest. */
    private static String digest(Map<String, String> data) {
        return CloudIdentity.sha256(new TreeMap<>(data)
                .entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue() + "\n")
                        .collect(Collectors.joining()));
    }

    /**
     * All that it is going to hold for life; nothing is made.
     *
     * @throws CloudException.Unresolved what is missing, or too large
     */
    Prepared prepare(Agent agent, ProvisioningInputs provisioningInputs) {
        var texts = texts(agent, provisioningInputs);
        return new Prepared(agent.getMetadata().getGeneration(), texts, digest(OwnedSecret.data(texts)));
    }

    /** There is a Secret of its name, whose-ever it is. */
    boolean isThere(Agent agent) {
        var secret = secret(agent);
        try {
            return secret.read().isPresent();
        } catch (CloudException.Unresolved _) {
            return true;
        } catch (KubernetesClientException e) {
            throw refused(secret, e);
        }
    }

    /** Makes it; what is there already is taken only if it is the same. */
    Contents create(Agent agent, Prepared prepared) {
        var secret = secret(agent);
        try {
            var made = secret.make(prepared.texts())
                    .map(it -> contents(secret, it))
                    .orElseThrow(() -> lost(secret));
            if (!made.digest().equals(prepared.digest())) {
                throw changed(secret);
            }
            return made;
        } catch (KubernetesClientException e) {
            throw refused(secret, e);
        }
    }

    private Map<String, String> texts(Agent agent, ProvisioningInputs provisioningInputs) {
        var source = provisioningInputs.source().map(this::read);
        Map<String, String> env = source.map(Contents::env).orElseGet(() -> environment.resolve(agent));
        ContainerEnvironment.check(env);
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
                port,
                source.map(s -> s.frozen().container())
                        .orElseGet(() -> agent.getSpec().container()));
        try {
            Map<String, String> texts = new HashMap<>(Map.of(
                    IMAGE, frozen.image(),
                    ENV, json.writeValueAsString(env),
                    PROGRAM, GuestProgram.text(),
                    SETTINGS, json.writeValueAsString(frozen),
                    NONCE, nonce()));
            var login = pullSecrets.login(provisioningInputs.image());
            if (login.isPresent()) {
                texts.put(LOGIN, json.writeValueAsString(login.get()));
            }
            ContainerEnvironment.checkSize(env, texts);
            return texts;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    private static String nonce() {
        byte[] nonce = new byte[NONCE_SIZE];
        RANDOM.nextBytes(nonce);
        return HexFormat.of().formatHex(nonce);
    }

    private OwnedSecret secret(Agent agent) {
        return new OwnedSecret(
                kubernetes, agent, AgentNames.frozenSecret(agent.getMetadata().getName()));
    }

    private static CloudException lost(OwnedSecret secret) {
        return new CloudException.Unresolved(detail(
                "frozen_lost",
                "the Secret '%s' was deleted: the Agent cannot be started again as it was. Restore the Secret"
                                .formatted(secret.name())
                        + " from a backup, or make a new Agent"));
    }

    private static CloudException changed(OwnedSecret secret) {
        return new CloudException.Unresolved(detail(
                "frozen_changed",
                "the Secret '%s' does not hold what was frozen, so nothing is started from it. Restore it from a backup;"
                                .formatted(secret.name())
                        + " or, if the Agent never was Frozen, delete it, and it is made anew"));
    }

    /** What was to be in it stays untold: the API server's message may quote it. */
    private static CloudException refused(OwnedSecret secret, KubernetesClientException e) {
        var detail = secret.refusal(e, Status::getReason);
        return e.getCode() == 413 || e.getCode() == 422
                ? new CloudException.Unresolved(detail)
                : new CloudException.Transient(detail, e);
    }

    private static CloudException.Detail detail(String code, String message) {
        return new CloudException.Detail(code, message, "");
    }
}
