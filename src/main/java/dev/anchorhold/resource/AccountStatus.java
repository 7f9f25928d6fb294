package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of an Account as the operator writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AccountStatus(
        @JsonPropertyDescription(
                "The generation of the spec that this status tells of; -1 before the operator has looked at it.")
        Long observedGeneration,

        @JsonPropertyDescription("How many PlainVms the account has.")
        Integer plainVms,

        @JsonPropertyDescription("How many Agents the account has.")
        Integer agents,

        @JsonPropertyDescription(
                "Ready: the account can be built for. PeriodsOwned, with a companion: whatever its books count time of exists.")
        List<Condition> conditions)
        implements ConditionedStatus {}
