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
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.operator.server.ServerTypeCandidates;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec;
import dev.anchorhold.resource.AgentSpec.OperatingMode;
import dev.anchorhold.resource.AgentSpec.PausePolicy;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Input of the decider: all that is known of one Agent at one instant, gathered without a call to any cloud.
 *
 * @param refusal why nothing may be done for it, whatever the clouds hold
 * @param frozen what it keeps for life, once this process has made or read it
 * @param publishedRevision the revision of its AgentImage that is in the catalogue now
 * @param cloud what the server's cloud holds; absent when it is not known which, or not reachable by any credential
 * @param edge what Cloudflare holds; absent likewise
 * @param edgeRefusal why Cloudflare cannot be used
 * @param guest what the door knows
 * @param deliveryStatus how far its journal is delivered; empty without a companion
 * @param deletionCheck what the last {@code ConfirmGone} of this reconcile found
 */
record AgentObservation(
        Agent agent,
        Instant now,
        Optional<AdmissionRefusal> refusal,
        Optional<FrozenSpec> frozen,
        Optional<Long> publishedRevision,
        Optional<Cloud> cloud,
        Optional<Edge> edge,
        Optional<AdmissionRefusal> edgeRefusal,
        GuestState guest,
        Optional<DeliveryStatus> deliveryStatus,
        Optional<DeletionCheck> deletionCheck) {

    /**
     * @param provider the ProviderConfig's name
     * @param denyAll the installation's firewall without a rule
     * @param volumes those that bear our labels and the object's UID
     * @param volumeServer the server that the volume is attached to
     * @param location where its volume stands, or is going to; null until it is frozen
     * @param candidates server types that can be bought, when there is no server; empty until the cloud's catalogue is
     * read
     */
    record Cloud(
            String provider,
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
     * @param comment what marks a record as this Agent's
     * @param rotatedFor the account for which this process has just changed the tunnel's secret
     */
    record Edge(
            String hostname,
            String url,
            String comment,
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
     */
    record GuestState(Sighting<Guest> guest, long settingsVersion, boolean depositPending) {}

    AgentSpec spec() {
        return agent.getSpec();
    }

    AgentStatus status() {
        return Optional.ofNullable(agent.getStatus()).orElse(AgentStatus.NONE);
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

    boolean reconcilePaused() {
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
