package dev.anchorhold.door.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.anchorhold.platform.InvalidFieldException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The payload of a deposit: all that a guest needs to do its work. Only the guest ever sees it in clear.
 *
 * @param image by digest: {@code REPOSITORY@sha256:…}
 * @param env the container's environment, with the values of Secrets
 * @param port on which the container answers
 * @param container null for the limits that every container has; then it is not there at all, as for older companions and guests
 * @param login to pull the image by; null where the registry wants none, and then not in the message, which an older door
 *     takes so
 */
public record Payload(
        Agent agent,
        String image,
        Map<String, String> env,
        int port,
        @JsonInclude(JsonInclude.Include.NON_NULL) Container container,
        String hostname,
        Volume volume,
        GuestSettings settings,
        @JsonInclude(JsonInclude.Include.NON_NULL) RegistryLogin login) {
    private static final Pattern BY_DIGEST = Pattern.compile("[^\\s@]{1,400}@sha256:[0-9a-f]{64}");
    private static final int MAX_VARIABLES = 200;
    private static final int MAX_ENVIRONMENT = 1 << 20;

    public Payload {
        InvalidFieldException.requirePresent(agent, "agent");
        InvalidFieldException.requireMatch(image, BY_DIGEST, "image", "must be REPOSITORY@sha256:DIGEST");
        InvalidFieldException.requirePresent(env, "env");
        InvalidFieldException.require(
                env.size() <= MAX_VARIABLES, "env", "must have at most %d variables".formatted(MAX_VARIABLES));
        InvalidFieldException.require(
                env.entrySet().stream().allMatch(e -> !e.getKey().isEmpty() && e.getValue() != null),
                "env",
                "must map names to texts");
        InvalidFieldException.require(
                env.entrySet().stream()
                                .mapToLong(
                                        e -> e.getKey().length() + e.getValue().length())
                                .sum()
                        <= MAX_ENVIRONMENT,
                "env",
                "must have at most %d characters in all".formatted(MAX_ENVIRONMENT));
        InvalidFieldException.require(port > 0 && port < 65_536, "port", "must be 1 to 65535");
        InvalidFieldException.requireText(hostname, 253, "hostname");
        InvalidFieldException.requirePresent(volume, "volume");
        InvalidFieldException.requirePresent(settings, "settings");
        env = Map.copyOf(env);
    }

    /** The agent whose guest it is. */
    public record Agent(String uid, String namespace, String name) {
        public Agent {
            InvalidFieldException.requirePresent(uid, "uid");
            InvalidFieldException.require(isUid(uid), "uid", "must be a UID in lower case");
            InvalidFieldException.requireText(namespace, 63, "namespace");
            InvalidFieldException.requireText(name, 253, "name");
        }

        private static boolean isUid(String text) {
            try {
                return UUID.fromString(text).toString().equals(text);
            } catch (IllegalArgumentException _) {
                return false;
            }
        }
    }

    /** What the container may beyond what every one may; what is null is as for every one. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Container(
            List<String> addCapabilities, Boolean allowPrivilegeEscalation, Integer pidsLimit, Integer memoryLimitMiB) {
        private static final Pattern CAPABILITY = Pattern.compile("[A-Z_]{1,30}");

        public Container {
            if (addCapabilities != null) {
                InvalidFieldException.require(
                        addCapabilities.stream()
                                .allMatch(it ->
                                        it != null && CAPABILITY.matcher(it).matches()),
                        "addCapabilities",
                        "must be names of capabilities");
                addCapabilities = List.copyOf(addCapabilities);
            }
            InvalidFieldException.require(pidsLimit == null || pidsLimit > 0, "pidsLimit", "must be 1 or more");
            InvalidFieldException.require(
                    memoryLimitMiB == null || memoryLimitMiB > 0, "memoryLimitMiB", "must be 1 or more");
        }
    }

    /**
     * @param id the cloud's
     * @param device where it appears in the guest
     * @param mount where the guest mounts it
     */
    public record Volume(long id, String device, String mount) {
        private static final Pattern PATH = Pattern.compile("/[^\\s\\p{Cntrl}]{1,250}");

        public Volume {
            InvalidFieldException.requireMatch(device, PATH, "device", "must be an absolute path");
            InvalidFieldException.requireMatch(mount, PATH, "mount", "must be an absolute path");
        }
    }

    /** The same with other settings. */
    public Payload with(GuestSettings newer) {
        return new Payload(agent, image, env, port, container, hostname, volume, newer, login);
    }

    @Override
    public String toString() {
        return "Payload[%s/%s, %s]".formatted(agent.namespace(), agent.name(), image);
    }
}
