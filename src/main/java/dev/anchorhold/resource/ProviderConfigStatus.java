package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of a ProviderConfig as the operator writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProviderConfigStatus(
        @JsonPropertyDescription("The generation of the spec that this status tells of.")
        Long observedGeneration,

        @JsonPropertyDescription(
                "The id of the SSH key by which the cloud's project is known again; see docs/concepts.md.")
        Long sealedKeyId,

        @JsonPropertyDescription("Ready, CredentialsValid and NoOrphans.")
        List<Condition> conditions) {}
