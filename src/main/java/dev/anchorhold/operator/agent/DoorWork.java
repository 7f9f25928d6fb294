package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Payload;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Identity;
import dev.anchorhold.operator.agent.AgentStep.TellSettings;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.platform.InvalidField;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus.Settings;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** What an Agent's guest finds at the door. Secrets pass through here: nothing of it is ever told or logged. */
final class DoorWork extends AgentWork {
    private static final Duration TOKEN_HOLDS = Duration.ofMinutes(15);
    private static final int TOKEN_BYTES = 32;
    private static final String MOUNT = "/data/home-coder";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final GuestDoor door;
    private final TunnelWork tunnels;
    private final FrozenSecret secrets;
    private final AgentNotes notes;
    private final InstantSource clock;

    DoorWork(
            CloudSession session,
            Optional<CloudflareSession> edge,
            Agent agent,
            Events events,
            GuestDoor door,
            TunnelWork tunnels,
            FrozenSecret secrets,
            AgentNotes notes,
            InstantSource clock) {
        super(session, edge, agent, events);
        this.door = door;
        this.tunnels = tunnels;
        this.secrets = secrets;
        this.notes = notes;
        this.clock = clock;
    }

    GuestDoor.Open door() {
        return door.open()
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
        String hash = Identity.sha256(token);
        var expiresAt = clock.instant().plus(TOKEN_HOLDS);
        door().client()
                .deposit(uid(), new Deposit(hash, identity.serverName(), expiresAt, payload(s, contents, hostname)));
        notes.deposited(uid(), new AgentNotes.Waiting(token, hash, expiresAt, s.settings(), contents.program()));
        notes.told(uid(), s.settings().version());
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
                    hostname,
                    new Payload.Volume(s.volumeId(), "/dev/disk/by-id/scsi-0HC_Volume_" + s.volumeId(), MOUNT),
                    settings(s.tunnelId(), s.settings()));
        } catch (InvalidField e) {
            throw new CloudException.Invalid(
                    new CloudException.Detail("payload", "the payload's " + e.getMessage(), ""), List.of(e.field()));
        }
    }

    private GuestSettings settings(String tunnelId, Settings settings) {
        return new GuestSettings(settings.version(), tunnels.token(tunnelId), settings.shareLogs());
    }

    void tellSettings(TellSettings s) {
        door().client().settings(uid(), settings(s.tunnelId(), s.settings()));
        notes.told(uid(), s.settings().version());
    }

    void revoke() {
        door().client().delete(uid());
    }

    /** The door is no cloud: what it refuses says nothing of a cloud's credentials. */
    @Override
    protected void heed(CloudException e) {}
}
