package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Payload;
import dev.anchorhold.operator.agent.AgentStep.TellSettings;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.pipeline.CloudIdentity;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.platform.InvalidFieldException;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentSpec.ContainerLimits;
import dev.anchorhold.resource.AgentStatus.Settings;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Executes an Agent's steps at the guest door: deposits, settings, revocation. Secrets pass through here: nothing of
 * them enters a message or a log.
 */
final class GuestDoorExecutor extends EdgeStepExecutor {
    private static final Duration TOKEN_TTL = Duration.ofMinutes(15);
    private static final int TOKEN_BYTES = 32;
    private static final String MOUNT = "/data/home-coder";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final GuestDoor door;
    private final TunnelExecutor tunnels;
    private final FrozenSecret secrets;
    private final AgentCache cache;
    private final InstantSource clock;

    GuestDoorExecutor(
            HetznerSession session,
            Optional<CloudflareSession> edge,
            Agent agent,
            EventRecorder eventRecorder,
            GuestDoor door,
            TunnelExecutor tunnels,
            FrozenSecret secrets,
            AgentCache cache,
            InstantSource clock) {
        super(session, edge, agent, eventRecorder);
        this.door = door;
        this.tunnels = tunnels;
        this.secrets = secrets;
        this.cache = cache;
        this.clock = clock;
    }

    GuestDoor.Connection door() {
        return door.connection()
                .orElseThrow(() -> new CloudException.Transient(
                        new CloudException.Detail("no_door", "the operator was not told where the guest door is", ""),
                        null));
    }

    /** Died after it, or its answer lost: the next deposit stands beside it, and this one runs out unused. */
    void deposit(AgentStep.Deposit s, String hostname) {
        var contents = secrets.read(agent);
        byte[] random = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(random);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        String hash = CloudIdentity.sha256(token);
        var expiresAt = clock.instant().plus(TOKEN_TTL);
        door().client()
                .deposit(uid(), new Deposit(hash, identity.serverName(), expiresAt, payload(s, contents, hostname)));
        cache.putPendingDeposit(
                uid(), new AgentCache.PendingDeposit(token, hash, expiresAt, s.settings(), contents.program()));
        cache.settingsVersion(uid(), s.settings().version());
    }

    private Payload payload(AgentStep.Deposit s, FrozenSecret.Contents contents, String hostname) {
        try {
            return new Payload(
                    new Payload.Agent(
                            uid(),
                            agent.getMetadata().getNamespace(),
                            agent.getMetadata().getName()),
                    contents.frozen().image(),
                    contents.env(),
                    contents.frozen().port(),
                    limits(contents.frozen().container()),
                    hostname,
                    new Payload.Volume(s.volumeId(), "/dev/disk/by-id/scsi-0HC_Volume_" + s.volumeId(), MOUNT),
                    settings(s.tunnelId(), s.settings()),
                    contents.login().orElse(null));
        } catch (InvalidFieldException e) {
            throw new CloudException.Invalid(
                    new CloudException.Detail("payload", "the payload's " + e.getMessage(), ""), List.of(e.field()));
        }
    }

    private static Payload.Container limits(ContainerLimits limits) {
        return limits == null
                ? null
                : new Payload.Container(
                        limits.addCapabilities() == null
                                ? null
                                : limits.addCapabilities().stream()
                                        .map(Enum::name)
                                        .toList(),
                        limits.allowPrivilegeEscalation(),
                        limits.pidsLimit(),
                        limits.memoryLimitMiB());
    }

    private GuestSettings settings(String tunnelId, Settings settings) {
        return new GuestSettings(settings.version(), tunnels.token(tunnelId), settings.shareLogs());
    }

    void tellSettings(TellSettings s) {
        door().client().putSettings(uid(), settings(s.tunnelId(), s.settings()));
        cache.settingsVersion(uid(), s.settings().version());
    }

    /**
     * The predecessor's guest. It goes on only where the Secret is there that it was started from.
     *
     * @return whether there was one that does
     */
    boolean takeOver(String from) {
        if (!secrets.isThere(agent)) {
            door().client().delete(from);
            return false;
        }
        long version = door().client().adopt(uid(), from).settingsVersion();
        cache.settingsVersion(uid(), version);
        return version > 0;
    }

    void revoke() {
        door().client().delete(uid());
    }

    /** The door is no cloud: what it refuses says nothing of a cloud's credentials. */
    @Override
    Optional<String> permission() {
        return Optional.empty();
    }
}
