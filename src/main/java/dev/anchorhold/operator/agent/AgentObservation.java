package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.DeletionCheck;
import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.cloudflare.DesiredDnsRecord;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.Tunnel;
import dev.anchorhold.cloud.cloudflare.TunnelConfiguration;
import dev.anchorhold.cloud.hetzner.Firewall;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImageSpec;
import dev.anchorhold.resource.AgentSpec;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.AgentSpec.PausePolicy;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Input of the decider: all that is known of one Agent at one instant, gathered without a call to any cloud.
 *
 * @param refusal why nothing may be done for it, whatever the clouds hold
 * @param volumeRefusal why its volume may not be as large as wanted
 * @param frozen what it keeps for life, once this process has made or read it
 * @param frozenDigest of what is frozen, or of all that this process found to freeze
 * @param published its AgentImage as it is in the catalogue now
 * @param cloud what the server's cloud holds; absent when it is not known which, or not reachable by any credential
 * @param edge what Cloudflare holds; absent likewise
 * @param edgeRefusal why Cloudflare cannot be used
 * @param adoption what is to be taken over from a predecessor; empty when there is none, or all is done
 * @param guest what the door knows
 * @param deliveryStatus how far its journal is delivered; empty without a companion
 * @param deletionCheck what the last {@code ConfirmGone} of this reconcile found
 */
record AgentObservation(
        Agent agent,
        Instant now,
        Optional<AdmissionRefusal> refusal,
        Optional<AdmissionRefusal> volumeRefusal,
        Optional<FrozenSpec> frozen,
        Optional<String> frozenDigest,
        Optional<AgentImageSpec> published,
        Optional<Cloud> cloud,
        Optional<Edge> edge,
        Optional<AdmissionRefusal> edgeRefusal,
        Optional<AdoptionObservation<AgentStep>> adoption,
        GuestState guest,
        Optional<DeliveryStatus> deliveryStatus,
        Optional<DeletionCheck> deletionCheck) {

    /**
     * @param provider the ProviderConfig's name
     * @param sealedKey by which its project is known again
     * @param denyAll the installation's firewall without a rule
     * @param volumes those that bear our labels and the object's UID
     * @param volumeServer the server that the volume is attached to
     * @param location where its volume stands, or is going to; null until it is frozen
     * @param candidates server types that can be bought, when there is no server; empty until the cloud's catalogue is
     * read
     */
    record Cloud(
            String provider,
            Optional<Long> sealedKey,
            CloudIdentity identity,
            ServerObservation server,
            Sighting<Firewall> denyAll,
            Sighting<List<Volume>> volumes,
            Optional<Long> volumeServer,
            String location,
            Optional<ServerTypeCandidates> candidates) {}

    /**
     * @param hostname the Agent's, for life
     * @param url where a browser finds it
     * @param zoneId by which Cloudflare's account and zone are known again
     * @param comment what marks a record as this Agent's
     * @param uncovered that no certificate covers the host name
     * @param rotatedFor the account for which this process has just changed the tunnel's secret
     */
    record Edge(
            String hostname,
            String url,
            String zoneId,
            String comment,
            Optional<AdmissionRefusal> uncovered,
            Sighting<List<Tunnel>> tunnels,
            Sighting<TunnelConfiguration> configuration,
            Sighting<List<DnsRecord>> records,
            Optional<String> rotatedFor) {

        Optional<Tunnel> tunnel() {
            return tunnels instanceof Sighting.Seen<List<Tunnel>>(var all, var _)
                    ? Optional.of(all.getFirst())
                    : Optional.empty();
        }

        DesiredDnsRecord desiredRecord(String tunnelId) {
            return new DesiredDnsRecord(hostname, tunnelId, comment);
        }
    }

    /**
     * @param settingsVersion the newest settings that the door is known to have, 0 for none
     * @param depositPending whether a deposit of this process's waits for a server, for long enough yet
     * @param mayReplaceSilent whether a server may be replaced for silence alone: not so soon after another was, since what silences many is no
     * fault of theirs
     */
    record GuestState(Sighting<Guest> guest, long settingsVersion, boolean depositPending, boolean mayReplaceSilent) {}

    /** When the last boot ended that an action of the cloud's ended: on record, or seen now. The cloud tells whole seconds. */
    Optional<Instant> bootEndedAt() {
        var onRecord = Optional.ofNullable(status().bootEndedAt()).map(Instant::parse);
        var seen = cloud.flatMap(c -> c.server().finished(GuestNeeds.ENDS_A_BOOT))
                .map(at -> at.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1));
        return Stream.concat(onRecord.stream(), seen.stream()).max(Comparator.naturalOrder());
    }

    AgentSpec spec() {
        return agent.getSpec();
    }

    AgentStatus status() {
        return Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
    }

    /** It has begun to take over what its predecessor left: that is finished first, whatever is asked for meanwhile. */
    boolean adopting() {
        return adoption.filter(a -> a.onRecord().isPresent() && a.obstacle().isEmpty())
                .isPresent();
    }

    long generation() {
        return agent.getMetadata().getGeneration();
    }

    boolean wantsRunning() {
        return spec().operatingMode() == OperatingMode.Running;
    }

    /** While it is paused, it has no server. */
    boolean releasesServer() {
        return !wantsRunning() && spec().pausePolicy() == PausePolicy.ReleaseServer;
    }

    boolean deleting() {
        return agent.getMetadata().getDeletionTimestamp() != null;
    }

    /** Nothing is done for it in the clouds; what is seen of it counts as ever. */
    boolean held() {
        return annotated(ApiNames.PAUSED);
    }

    boolean abandoned() {
        return annotated(ApiNames.ABANDON);
    }

    private boolean annotated(String name) {
        var annotations = agent.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(name));
    }
}
