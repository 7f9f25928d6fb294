package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of an AgentImage as the operator writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AgentImageStatus(
        @JsonPropertyDescription(
                "The generation of the spec that this status tells of; -1 before the operator has looked at it.")
        Long observedGeneration,

        @JsonPropertyDescription("Ready: Agents can be made from it.")
        List<Condition> conditions)
        implements ConditionedStatus {}
