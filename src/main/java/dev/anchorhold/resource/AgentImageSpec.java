package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Content of an AgentImage: a container image by digest, and its revision. */
@ValidationRule(
        value = "self.revision > oldSelf.revision || (self.revision == oldSelf.revision"
                + " && self.repository == oldSelf.repository && self.digest == oldSelf.digest)",
        message = "spec.revision: another repository or digest needs a greater revision, and a revision never falls")
@JsonIgnoreProperties(ignoreUnknown = true)
public record AgentImageSpec(
        @Required
        @Size(min = 1, max = 200)
        @ValidationRule(
                value = "self.matches('^([a-z0-9]+([.-]+[a-z0-9]+)*(:[0-9]{1,5})?/)?"
                        + "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$')",
                message =
                        "spec.repository: where the image is, such as ghcr.io/acme/agent: lower-case letters and digits"
                                + " with '.', '_' or '-' between them, in parts divided by '/', the first perhaps a host (without '_')"
                                + " with a port; neither a tag nor a digest")
        @JsonPropertyDescription("Where the image is, such as ghcr.io/acme/agent; neither tag nor digest.")
        String repository,

        @Required
        @Size(min = 71, max = 71)
        @ValidationRule(
                value = "self.matches('^sha256:[0-9a-f]{64}$')",
                message =
                        "spec.digest: sha256: and 64 hexadecimal digits in lower case; a tag can move, a digest cannot")
        @JsonPropertyDescription("The image's digest, sha256: and 64 hexadecimal digits.")
        String digest,

        @Required
        @Min(1)
        @Max(999_999_999)
        @JsonPropertyDescription("Counts the image's editions, from 1. A greater one makes Agents of older ones say"
                + " ImageCurrent=False; nothing else happens to them.")
        Long revision,

        @JsonPropertyDescription(
                "The Secret by which a registry that wants a login lets the image be pulled. Agents keep"
                        + " the login that it has when they are frozen.")
        PullSecretRef pullSecretRef) {

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PullSecretRef(
            @Required
            @Size(min = 1, max = 253)
            @ValidationRule(
                    value = CelRules.OBJECT_NAME,
                    message = "spec.pullSecretRef.name: the name of a Secret: " + CelRules.OBJECT_NAME_SAYS)
            @JsonPropertyDescription("The Secret's name, in the namespace of the providers' tokens: of type"
                    + " kubernetes.io/dockerconfigjson, with the label anchorhold.dev/pull-secret: \"true\".")
            String name) {}

    /** As a container engine pulls it: it can mean nothing else. */
    public String reference() {
        return repository + "@" + digest;
    }
}
