package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Status of a PlainVm as the operator writes it. The ids are a cache: the labels in the cloud are the truth. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlainVmStatus(
        @JsonPropertyDescription(
                "The UID of the object that this status was written for: under another it says nothing.")
        String uid,

        @JsonPropertyDescription(
                "The generation of the spec that this status tells of; -1 before the operator has looked at it.")
        Long observedGeneration,

        @JsonPropertyDescription("The ProviderConfig in whose cloud the server stands.")
        String providerConfig,

        @JsonPropertyDescription("The SSH key by which the project is known again in which the server stands.")
        Long sealedKeyId,

        @JsonPropertyDescription("The server's id in the cloud.")
        Long serverId,

        @JsonPropertyDescription("The server's name in the cloud.")
        String serverName,

        @JsonPropertyDescription("The server type that was taken.")
        String serverType,

        @JsonPropertyDescription("The location that it stands in.")
        String location,

        @JsonPropertyDescription("The id of the firewall on it.")
        Long firewallId,

        @JsonPropertyDescription("Its public IPv4 address.") String ipv4,
        @JsonPropertyDescription("Its public IPv6 address.") String ipv6,

        @JsonPropertyDescription("Running, Stopped or Changing: the power as last seen. Lost: the server is gone.")
        String state,

        @JsonPropertyDescription(
                "When the server was made, by the cloud's clock; set when all that its creation started has"
                        + " succeeded.")
        String provisionedAt,

        @JsonPropertyDescription("The Secret with the one-time password, when one was asked for.")
        String oneTimePasswordSecret,

        @JsonPropertyDescription("What it takes over, or took over, from a predecessor of another UID.")
        Adoption adoption,

        @JsonPropertyDescription(
                "What the server was when it was complete; NoDrift tells what somebody has changed since.")
        ServerAsMade asMade,

        @JsonPropertyDescription(
                "What the books are told of it: newest last. What is delivered goes with the next change, but for the"
                        + " newest.")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<JournalEntry> journal,

        @JsonPropertyDescription("Ready, Admitted, FirewallInSync, ServerProvisioned, PowerInSync, NoDrift.")
        List<Condition> conditions)
        implements ObjectStatus {

    /** Nothing seen yet. */
    public static final PlainVmStatus NONE = new PlainVmStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, List.of(),
            List.of());

    public PlainVmStatus {
        journal = journal == null ? List.of() : List.copyOf(journal);
    }
}
