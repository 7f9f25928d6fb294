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
                        "spec.repository: where the image is, such as ghcr.io/acme/agent: lower-case, without a tag or"
                                + " a digest")
        @JsonPropertyDescription("Where the image is, such as ghcr.io/acme/agent; neither tag nor digest.")
        String repository,

        @Required
        @Size(min = 71, max = 71)
        @ValidationRule(
                value = "self.matches('^sha256:[0-9a-f]{64}$')",
                message = "spec.digest: sha256: and 64 hexadecimal digits; a tag can move, a digest cannot")
        @JsonPropertyDescription("The image's digest, sha256: and 64 hexadecimal digits.")
        String digest,

        @Required
        @Min(1)
        @Max(999_999_999)
        @JsonPropertyDescription("Counts the image's editions, from 1. A greater one makes Agents of older ones say"
                + " ImageCurrent=False; nothing else happens to them.")
        Long revision) {

    /** As a container engine pulls it: it can mean nothing else. */
    public String reference() {
        return repository + "@" + digest;
    }
}
