package dev.anchorhold.operator.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.door.message.RegistryLogin;
import dev.anchorhold.operator.pipeline.OwnedSecret;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.ApiNames;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the pull Secret that an AgentImage names, and takes from it the login for the image's own registry; what else is
 * in it goes nowhere. Only a Secret that is labelled for this is read at all.
 */
public final class PullSecrets {
    private static final String TYPE = "kubernetes.io/dockerconfigjson";
    private static final String KEY = ".dockerconfigjson";
    private static final String DOCKER_HUB = "docker.io";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesClient kubernetes;
    private final String namespace;

    public PullSecrets(KubernetesClient kubernetes, String namespace) {
        this.kubernetes = kubernetes;
        this.namespace = namespace;
    }

    /**
     * Empty where the image needs none.
     *
     * @throws CloudException.Unresolved the Secret is not there, or has no login for the image's registry
     */
    Optional<RegistryLogin> login(AgentImage image) {
        var ref = image.getSpec().pullSecretRef();
        if (ref == null) {
            return Optional.empty();
        }
        String what = "AgentImage '%s' spec.pullSecretRef: "
                .formatted(image.getMetadata().getName());
        var secret = get(ref.name())
                .filter(it -> TYPE.equals(it.getType()))
                .filter(it -> it.getMetadata().getLabels() != null
                        && "true".equals(it.getMetadata().getLabels().get(ApiNames.PULL_SECRET)))
                .orElseThrow(() -> unresolved(
                        "secret_missing",
                        what
                                + "there is no Secret '%s' of type %s with the label %s=true in namespace '%s'; create it"
                                        .formatted(ref.name(), TYPE, ApiNames.PULL_SECRET, namespace)));
        String repository = image.getSpec().repository();
        return Optional.of(find(OwnedSecret.text(secret, KEY), repository)
                .orElseThrow(() -> unresolved(
                        "pull_secret_unusable",
                        what
                                + "Secret '%s' has no user name and password for the registry %s"
                                        .formatted(ref.name(), registry(repository)))));
    }

    /** The login for the repository: of several the one whose path says most of it. */
    static Optional<RegistryLogin> find(String dockerConfig, String repository) {
        JsonNode auths;
        try {
            auths = JSON.readTree(dockerConfig).path("auths");
        } catch (JsonProcessingException e) {
            return Optional.empty(); // its text is a secret
        }
        String full = registry(repository) + "/"
                + repository.substring(hasRegistry(repository) ? repository.indexOf('/') + 1 : 0);
        return auths.properties().stream()
                .filter(it -> (full + "/").startsWith(place(it.getKey()) + "/"))
                .sorted(Comparator.comparing(it -> -place(it.getKey()).length()))
                .flatMap(it -> login(registry(repository), it).stream())
                .findFirst();
    }

    private static Optional<RegistryLogin> login(String server, Map.Entry<String, JsonNode> entry) {
        String username = entry.getValue().path("username").asText();
        String password = entry.getValue().path("password").asText();
        String auth = entry.getValue().path("auth").asText();
        if (username.isEmpty() && !auth.isEmpty()) {
            try {
                String[] both = new String(Base64.getMimeDecoder().decode(auth), StandardCharsets.UTF_8).split(":", 2);
                username = both[0];
                password = both.length == 2 ? both[1] : "";
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(new RegistryLogin(server, username, password));
        } catch (InvalidFieldException e) { // empty, or larger than any login
            return Optional.empty();
        }
    }

    /** A key of a Docker configuration without scheme and API version: {@code ghcr.io}, {@code ghcr.io/acme}. */
    private static String place(String key) {
        String place = key.replaceFirst("^https?://", "").replaceFirst("/(v[12]/?)?$", "");
        return place.replaceFirst("^(index[.]|registry-1[.])?docker[.]io", DOCKER_HUB);
    }

    /** As Docker tells a host from the first part of a path on its own hub. */
    private static boolean hasRegistry(String repository) {
        String first = repository.substring(0, Math.max(0, repository.indexOf('/')));
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    private static String registry(String repository) {
        return hasRegistry(repository) ? repository.substring(0, repository.indexOf('/')) : DOCKER_HUB;
    }

    private Optional<Secret> get(String name) {
        try {
            return Optional.ofNullable(
                    kubernetes.secrets().inNamespace(namespace).withName(name).get());
        } catch (KubernetesClientException e) {
            throw new CloudException.Transient(
                    new CloudException.Detail(
                            "secret_unread",
                            "the API server does not give Secret '%s' (status %d)".formatted(name, e.getCode()),
                            ""),
                    e);
        }
    }

    private static CloudException.Unresolved unresolved(String code, String message) {
        return new CloudException.Unresolved(new CloudException.Detail(code, message, ""));
    }
}
