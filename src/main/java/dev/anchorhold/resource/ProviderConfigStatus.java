package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

@JsonIgnoreProperties(ignoreUnknown = true)
public record ProviderConfigStatus(
        @JsonPropertyDescription("The generation of the spec that this status tells of.")
        Long observedGeneration,

        @JsonPropertyDescription("Ready, CredentialsValid and NoOrphans.")
        List<Condition> conditions) {}
