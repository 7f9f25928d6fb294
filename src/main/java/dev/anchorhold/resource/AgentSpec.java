package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Desired state of an Agent. Fields marked "fixed for life" are refused when changed (CEL). */
@ValidationRule(
        value = "has(self.cloneOf) || (has(self.size) && has(self.image))",
        message = "spec: give size and image, or cloneOf: the name of the Agent to clone")
@ValidationRule(
        value = "!has(self.cloneOf) || !(has(self.region) || has(self.size) || has(self.image) || has(self.env)"
                + " || has(self.port) || has(self.container))",
        message =
                "spec.cloneOf: region, size, image, env, port and container come from the Agent that is cloned; leave them out")
@ValidationRule(
        value = "has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region)",
        message = "spec.region is fixed for life; make a new Agent in the other region")
@ValidationRule(
        value = "has(self.size) == has(oldSelf.size) && (!has(self.size) || self.size == oldSelf.size)",
        message = "spec.size is fixed for life; make a new Agent of the other size")
@ValidationRule(
        value = "has(self.image) == has(oldSelf.image) && (!has(self.image) || self.image == oldSelf.image)",
        message =
                "spec.image is fixed for life. Cloning is the supported upgrade path: make an Agent with spec.cloneOf")
@ValidationRule(
        value = "has(self.port) == has(oldSelf.port) && (!has(self.port) || self.port == oldSelf.port)",
        message = "spec.port is fixed for life; make a new Agent")
@ValidationRule(
        value = "has(self.container) == has(oldSelf.container)"
                + " && (!has(self.container) || self.container == oldSelf.container)",
        message = "spec.container is fixed for life; make a new Agent")
@ValidationRule(
        value = "has(self.cloneOf) == has(oldSelf.cloneOf) && (!has(self.cloneOf) || self.cloneOf == oldSelf.cloneOf)",
        message = "spec.cloneOf is fixed for life; make a new Agent")
@JsonIgnoreProperties(ignoreUnknown = true)
public record AgentSpec(
        @Required
        @Size(min = 1, max = 63)
        @ValidationRule(
                value = CelRules.OBJECT_NAME,
                message = "spec.account: the name of an Account: " + CelRules.OBJECT_NAME_SAYS)
        @JsonPropertyDescription("The Account that owns the Agent. Changing it is a transfer, which needs the verb"
                + " transfer on the Agent.")
        String account,

        @JsonPropertyDescription("Where it stands: eu or us; eu when absent. Fixed for life.")
        Region region,

        @Size(min = 1, max = 63)
        @ValidationRule(
                value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                message = "spec.size: the name of a size of the ProviderConfig, such as small: "
                        + CelRules.SHORT_NAME_SAYS)
        @JsonPropertyDescription(
                "How large it is: a name from the ProviderConfig's sizes, such as small. Fixed for life.")
        String size,

        @Size(min = 1, max = 63)
        @ValidationRule(
                value = CelRules.OBJECT_NAME,
                message = "spec.image: the name of an AgentImage: " + CelRules.OBJECT_NAME_SAYS)
        @JsonPropertyDescription("The AgentImage that it is made from. What that says at the time of provisioning is"
                + " what the Agent runs for life. Fixed for life.")
        String image,

        @Size(min = 1, max = 100)
        @JsonPropertyDescription("The container's environment, beside PORT. Values from Secrets are read once, when the"
                + " Agent is frozen; from then on fixed for life. At most 131,071 bytes as NAME=value, and less than 1"
                + " MiB in all.")
        List<EnvVar> env,

        @Min(1)
        @Max(65535)
        @JsonPropertyDescription("Where the container listens, as PORT tells it; 8080 when absent. Only the Agent's"
                + " tunnel reaches it. Fixed for life.")
        Integer port,

        @JsonPropertyDescription("What the container may do beyond what every one may. Fixed for life.")
        ContainerLimits container,

        @Default("Running")
        @JsonPropertyDescription("Running or Paused. A paused Agent keeps its volume, its URL and its image.")
        OperatingMode operatingMode,

        @Default("{}")
        @JsonPropertyDescription("The data volume, mounted at /data/home-coder. It survives pauses and restarts.")
        DataVolume dataVolume,

        @Default("PowerOff")
        @JsonPropertyDescription(
                "What a pause does to the server. PowerOff: it is shut down; the cloud charges for it as before."
                        + " ReleaseServer: it is deleted, and resuming makes a new one; only the data volume keeps what was written.")
        PausePolicy pausePolicy,

        @Size(min = 1, max = 63)
        @ValidationRule(
                value = "[self].all(k, " + CelRules.SHORT_NAME + ")",
                message = "spec.cloneOf: the name of an Agent in the same namespace: " + CelRules.SHORT_NAME_SAYS)
        @JsonPropertyDescription(
                "The Agent to clone, in the same namespace and of the same Account: the new one has its region,"
                        + " size, environment and port, today's revision of its AgentImage, and an empty volume of its own."
                        + " Fixed for life.")
        String cloneOf,

        @Default("false")
        @JsonPropertyDescription("Whether what the container itself prints leaves its VM, for the logs. What"
                + " Anchorhold's own program in the VM says always does.")
        Boolean shareLogs,

        @Default("Delete")
        @JsonPropertyDescription("What happens when this object is deleted. Delete: server, volume, tunnel and DNS"
                + " record go. Orphan: they stay, and are no longer looked after.")
        DeletionPolicy deletionPolicy) {

    public enum OperatingMode {
        Running,
        Paused
    }

    public enum PausePolicy {
        PowerOff,
        ReleaseServer
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record DataVolume(
            @Default("10")
            @Min(10)
            @Max(10240)
            @ValidationRule(
                    value = "self >= oldSelf",
                    message = "spec.dataVolume.sizeGiB: a volume can grow, never shrink")
            @JsonPropertyDescription("Its size in GiB, 10 to 10240. It can grow, never shrink.")
            Integer sizeGiB) {}

    /** Each field relaxes one limit; what is absent is as strict as code deserves that nobody has read. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record ContainerLimits(
            @Size(max = 7)
            @JsonPropertyDescription("Linux capabilities that root in the container has beside CHOWN, DAC_OVERRIDE,"
                    + " FOWNER, FSETID, KILL, SETGID and SETUID. None unless given.")
            List<Capability> addCapabilities,

            @JsonPropertyDescription(
                    "Whether a process may gain rights by running a program, as sudo does; false when" + " absent.")
            Boolean allowPrivilegeEscalation,

            @Min(64)
            @Max(4194304)
            @JsonPropertyDescription("How many processes and threads it may have; 4096 when absent.")
            Integer pidsLimit,

            @Min(64)
            @Max(1048576)
            @JsonPropertyDescription("How much memory it may have, in MiB. When absent, what its server has but an"
                    + " eighth, which is at least 384 MiB, for the system.")
            Integer memoryLimitMiB) {

        /** Those of Docker's defaults that no container has without asking. */
        public enum Capability {
            AUDIT_WRITE,
            MKNOD,
            NET_BIND_SERVICE,
            NET_RAW,
            SETFCAP,
            SETPCAP,
            SYS_CHROOT
        }
    }

    @ValidationRule(
            value = "has(self.value) != has(self.secretKeyRef)",
            message = "spec.env: give each variable either a value or a secretKeyRef")
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record EnvVar(
            @Required
            @Size(min = 1, max = 128)
            @ValidationRule(
                    value = "self.matches('^[A-Za-z_][A-Za-z0-9_]*$') && self != 'PORT'",
                    message = "spec.env.name: letters, digits and '_', not beginning with a digit; PORT is set by"
                            + " spec.port")
            @JsonPropertyDescription("The variable's name.")
            String name,

            @Size(max = 8192)
            @ValidationRule(
                    value = "!self.contains('\\u0000')",
                    message = "spec.env.value: any text but the character NUL")
            @JsonPropertyDescription("Its value, for what is no secret.")
            String value,

            @JsonPropertyDescription("Where its value is read from, once, when the Agent is provisioned.")
            SecretKeyRef secretKeyRef) {

        /** Values may be secrets that somebody pasted. */
        @Override
        public String toString() {
            return "EnvVar[" + name + "]";
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SecretKeyRef(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.OBJECT_NAME,
                    message = "spec.env.secretKeyRef.name: the name of a Secret in the Agent's namespace: "
                            + CelRules.OBJECT_NAME_SAYS)
            @JsonPropertyDescription("The Secret's name, in the Agent's namespace.")
            String name,

            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.SECRET_KEY,
                    message =
                            "spec.env.secretKeyRef.key: a key of the Secret's data: letters, digits, '-', '_' and '.'")
            @JsonPropertyDescription("The key in its data.")
            String key) {}
}
