package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of an Account as the operator writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AccountStatus(
        @JsonPropertyDescription("The generation of the spec that this status tells of.")
        Long observedGeneration,

        @JsonPropertyDescription("How many PlainVms the account has.")
        Integer plainVms,

        @JsonPropertyDescription("How many Agents the account has.")
        Integer agents,

        @JsonPropertyDescription("Ready: the account can be built for.")
        List<Condition> conditions) {}
