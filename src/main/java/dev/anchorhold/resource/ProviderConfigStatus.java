package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of a ProviderConfig as the operator writes it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProviderConfigStatus(
        @JsonPropertyDescription(
                "The generation of the spec that this status tells of; -1 before the operator has looked at it.")
        Long observedGeneration,

        @JsonPropertyDescription(
                "The id of the SSH key by which the cloud's project is known again; see docs/concepts.md.")
        Long sealedKeyId,

        @JsonPropertyDescription(
                "The id of the Cloudflare zone, by which the account and the zone of the Agents' tunnels are known again.")
        String zoneId,

        @JsonPropertyDescription("Ready, CredentialsValid, CloudflareCredentialsValid, DomainCovered and NoOrphans.")
        List<Condition> conditions)
        implements ConditionedStatus {}
