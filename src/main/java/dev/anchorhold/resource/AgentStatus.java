package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/**
 * Status of an Agent as the operator writes it. The ids are a cache: labels, names and comments in the clouds are the
 * truth.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AgentStatus(
        @JsonPropertyDescription(
                "The UID of the object that this status was written for: under another it says nothing.")
        String uid,

        @JsonPropertyDescription(
                "The generation of the spec that this status tells of; -1 before the operator has looked at it.")
        Long observedGeneration,

        @JsonPropertyDescription("The ProviderConfig in whose clouds it stands.")
        String providerConfig,

        @JsonPropertyDescription("The SSH key by which the project is known again in which server and volume stand.")
        Long sealedKeyId,

        @JsonPropertyDescription("The Cloudflare zone in whose account the tunnel is.")
        String zoneId,

        @JsonPropertyDescription("The account that owns it, as last carried out.")
        String account,

        @JsonPropertyDescription("Since when: the instant at which the last owner's time ended and this one's began.")
        String accountSince,

        @JsonPropertyDescription("Where a browser finds it.")
        String url,

        @JsonPropertyDescription("Its host name, for life.") String hostname,

        @JsonPropertyDescription("The region that it stands in.")
        String region,

        @JsonPropertyDescription("Its size: a name of the ProviderConfig's sizes.")
        String size,

        @JsonPropertyDescription("The image that it runs, by digest, for life.")
        String image,

        @JsonPropertyDescription("The AgentImage that it was provisioned from.")
        String agentImage,

        @JsonPropertyDescription("That AgentImage's revision at the time.")
        Long imageRevision,

        @JsonPropertyDescription("The immutable Secret with all that is frozen.")
        String frozenSecret,

        @JsonPropertyDescription("Whether spec.env is fixed: from just before it is frozen.")
        Boolean envFixed,

        @JsonPropertyDescription(
                "SHA-256 of what that Secret holds, on record before it is made: what holds anything else is not started.")
        String frozenDigest,

        @JsonPropertyDescription("The server's id in the cloud.")
        Long serverId,

        @JsonPropertyDescription("The server's name in the cloud.")
        String serverName,

        @JsonPropertyDescription("The server type that was taken, for life.")
        String serverType,

        @JsonPropertyDescription("The location that it stands in.")
        String location,

        @JsonPropertyDescription("The data volume's id in the cloud.")
        Long volumeId,

        @JsonPropertyDescription("The data volume's size in GiB, as seen.")
        Integer volumeGiB,

        @JsonPropertyDescription("The tunnel's id in the cloud.")
        String tunnelId,

        @JsonPropertyDescription("The DNS record's id in the cloud.")
        String dnsRecordId,

        @JsonPropertyDescription("The settings that the guest is to use, as far as they are no secrets.")
        Settings settings,

        @JsonPropertyDescription("The boot of the guest that ended last; what it reported counts no more.")
        String endedBoot,

        @JsonPropertyDescription(
                "When an action of the cloud last ended a boot; what was reported before counts no more.")
        String bootEndedAt,

        @JsonPropertyDescription("Running, Paused or Changing: as last seen. Lost: server or volume are gone.")
        String state,

        @JsonPropertyDescription("When it was first provisioned, completely.")
        String provisionedAt,

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

        @JsonPropertyDescription(
                "Ready, Admitted, Frozen, VolumeReady, TunnelReady, DnsReady, ServerProvisioned, FirewallInSync,"
                        + " PowerInSync, GuestReady, ImageCurrent, NoDrift.")
        List<Condition> conditions)
        implements ObjectStatus {

    public AgentStatus {
        journal = journal == null ? List.of() : List.copyOf(journal);
    }

    /** Nothing seen yet. */
    public static final AgentStatus NONE = new AgentStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, List.of(), List.of());

    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Settings(
            @JsonPropertyDescription("Counts every change, from 1; the guest tells which it uses.")
            Long version,

            @JsonPropertyDescription("The tunnel whose connector it runs.")
            String tunnelId,

            @JsonPropertyDescription("Whether the container's own output is shipped.")
            Boolean shareLogs) {}
}
