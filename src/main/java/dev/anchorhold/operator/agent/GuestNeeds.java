package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.server.ServerStep.DeleteServer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an Agent needs of its guest: that it came in, has today's settings, and shows that all is well (F34, F35). Pure. */
final class GuestNeeds {
    /** A guest reports every minute. */
    static final Duration REPORT_TIMEOUT = Duration.ofMinutes(4);

    /** A guest of a server that has run for so long, which neither reported nor connected its tunnel, is taken for dead. */
    static final Duration SILENCE_LIMIT = Duration.ofMinutes(30);

    /** The cloud's actions after which another boot follows, or none. */
    static final String[] ENDS_A_BOOT = {
        "stop_server", "reboot_server", "reset_server", "rebuild_server", "change_server_type"
    };

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    private GuestNeeds() {}

    /** The guest's settings are in the status, under a version of their own, before they are sent. */
    static Need<AgentStep> settingsOnRecord(AgentObservation agent, AgentPlanBuilder report) {
        return report.settings().equals(agent.status().settings())
                ? Need.met(
                        AS_SPECIFIED,
                        "settings version %d".formatted(report.settings().version()))
                : Need.waitFor(SETTINGS_CHANGING, "about to tell the guest of new settings", Duration.ZERO);
    }

    /** Without a guest there is nobody to send them to: its deposit has the settings. */
    static Need<AgentStep> settingsDelivered(AgentObservation agent, Cloud cloud, Edge edge) {
        var settings = agent.status().settings();
        return switch (agent.guest().guest()) {
            case Unknown<Guest>(var reason, var _) -> Need.unknown(DOOR_UNAVAILABLE, reason, SOON);
            case Absent<Guest> _ -> Need.met(AS_SPECIFIED, "there is no guest yet");
            case Seen<Guest> _ ->
                agent.guest().settingsVersion() >= settings.version()
                        ? Need.met(AS_SPECIFIED, "the door has settings version %d".formatted(settings.version()))
                        : attemptAtDoor(
                                cloud,
                                SETTINGS_CHANGING,
                                "telling the guest of settings version %d".formatted(settings.version()),
                                new TellSettings(edge.tunnel().orElseThrow().id(), settings));
        };
    }

    /** As any attempt; but what goes wrong at the door is the door's. */
    static Need<AgentStep> attemptAtDoor(Cloud cloud, String reason, String message, AgentStep step) {
        return cloud.server()
                .failure(step.name())
                .map(s -> Need.<AgentStep>blocked(
                        switch (s.error()) {
                            case CloudException.Transient _, CloudException.Unauthorized _ -> DOOR_UNAVAILABLE;
                            default -> s.conditionReason();
                        },
                        message + ": " + s.error().getMessage(),
                        SOON))
                .orElseGet(() -> Need.act(reason, message, step));
    }

    /** Nothing is believed but the guest's own, fresh word, of this boot. */
    static Need<AgentStep> reportedHealthy(AgentObservation agent, Cloud cloud) {
        if (!agent.wantsRunning()) {
            return AgentDecider.metThoughFalse(PAUSED, "paused, as wanted");
        }
        return switch (agent.guest().guest()) {
            case Unknown<Guest>(var reason, var _) -> Need.unknown(DOOR_UNAVAILABLE, reason, SOON);
            case Absent<Guest> _
            when startedFromWhatIsLost(agent, cloud) -> {
                long server = cloud.server().server().orElseThrow().id();
                yield AgentDecider.attempt(
                        cloud,
                        GUEST_UNKNOWN,
                        "server %d was started from what was not restored: replacing it; the volume stays"
                                .formatted(server),
                        new OnServer(new DeleteServer(server)));
            }
            case Absent<Guest> _ ->
                silent(agent, cloud, Stream.of())
                        .orElseGet(() -> Need.blocked(
                                GUEST_UNKNOWN,
                                "the door knows of no guest of this Agent's: if its books were lost, delete the server in"
                                        + " the console, and a new one is made",
                                LATER));
            case Seen<Guest>(var guest, var _) ->
                lost(agent, cloud, guest)
                        .orElseGet(
                                () -> hasReported(agent, guest) ? health(agent, guest) : awaited(agent, cloud, guest));
        };
    }

    /** It was taken over from a predecessor, and its guest was not. */
    private static boolean startedFromWhatIsLost(AgentObservation agent, Cloud cloud) {
        var adoption = agent.status().adoption();
        return adoption != null
                && Boolean.FALSE.equals(adoption.guestKept())
                && cloud.server()
                        .server()
                        .filter(s -> s.created().isBefore(Instant.parse(adoption.at())))
                        .isPresent();
    }

    /** The replacement of a server whose guest can never come in again, or is taken for dead. */
    private static Optional<Need<AgentStep>> lost(AgentObservation agent, Cloud cloud, Guest guest) {
        Server server = cloud.server().server().orElseThrow();
        if (hasReported(agent, guest) && isFresh(agent, guest)) {
            return Optional.empty();
        }
        if (isRebuilt(cloud, server, guest)) {
            return Optional.of(replacement(
                    cloud,
                    false,
                    "somebody had server %d rebuilt, and the guest's key was on its disk".formatted(server.id())));
        }
        return silent(agent, cloud, Stream.of(guest.depositedAt(), guest.redeemedAt(), guest.reportedAt()));
    }

    /** @param heardAt when the door had to do with it */
    private static Optional<Need<AgentStep>> silent(AgentObservation agent, Cloud cloud, Stream<Instant> heardAt) {
        Server server = cloud.server().server().orElseThrow();
        Instant since = lastSign(agent, server, heardAt);
        boolean connected = agent.edge()
                .map(e -> !(e.tunnels() instanceof Seen)
                        || e.tunnel().orElseThrow().serves())
                .orElse(true);
        return !connected
                        && agent.guest().mayReplaceSilent()
                        && since.plus(SILENCE_LIMIT).isBefore(agent.now())
                ? Optional.of(replacement(
                        cloud,
                        true,
                        "the guest of server %d has shown no sign of life since %s, neither here nor at its tunnel"
                                .formatted(server.id(), since.truncatedTo(ChronoUnit.SECONDS))))
                : Optional.empty();
    }

    /**
     * With an image of the cloud's, since when it came in. A backup of its own would have its key: it may come in yet. The cloud
     * tells whole seconds; a guest that comes in after its server was rebuilt does so by the deposit of a newer server.
     */
    private static boolean isRebuilt(Cloud cloud, Server server, Guest guest) {
        return server.image() != null
                && server.image().name() != null
                && cloud.server()
                        .finished("rebuild_server")
                        .filter(at -> !at.isBefore(server.created()))
                        .filter(at -> guest.redeemedAt() == null
                                || !at.isBefore(guest.redeemedAt().truncatedTo(ChronoUnit.SECONDS)))
                        .isPresent();
    }

    /** Whatever was last known to happen to the machine: it was made, or came in, reported, was powered on, began another boot. */
    private static Instant lastSign(AgentObservation agent, Server server, Stream<Instant> heardAt) {
        return Stream.of(
                        Stream.of(server.created()),
                        heardAt,
                        agent.bootEndedAt().stream(),
                        agent.status().journal().stream().map(e -> Instant.parse(e.at())))
                .flatMap(s -> s)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Need<AgentStep> replacement(Cloud cloud, boolean forSilence, String why) {
        return AgentDecider.attempt(
                cloud,
                GUEST_LOST,
                why + ": replacing the server; the volume stays",
                new ReplaceServer(cloud.server().server().orElseThrow().id(), forSilence));
    }

    /** Since its newest deposit, which a new server needs, and not in a boot that has ended. */
    private static boolean hasReported(AgentObservation agent, Guest guest) {
        return guest.report() != null
                && guest.reportedAt() != null
                && (guest.depositedAt() == null || !guest.reportedAt().isBefore(guest.depositedAt()))
                && guest.report().bootId() != null
                && !guest.report().bootId().equals(agent.status().endedBoot())
                && agent.bootEndedAt()
                        .filter(at -> !guest.reportedAt().isAfter(at))
                        .isEmpty();
    }

    private static boolean isFresh(AgentObservation agent, Guest guest) {
        return !guest.reportedAt().plus(REPORT_TIMEOUT).isBefore(agent.now());
    }

    /** A server that did not come in while its token held never will: it is replaced, and the volume stays. */
    private static Need<AgentStep> awaited(AgentObservation agent, Cloud cloud, Guest guest) {
        boolean cameIn = guest.redeemedAt() != null
                && (guest.depositedAt() == null || !guest.redeemedAt().isBefore(guest.depositedAt()));
        boolean expired =
                guest.depositExpiresAt() != null && guest.depositExpiresAt().isBefore(agent.now());
        if (cameIn || !expired) {
            return Need.waitFor(GUEST_BOOTING, "the server runs; its guest has not reported yet", LATER);
        }
        long server = cloud.server().server().orElseThrow().id();
        return AgentDecider.attempt(
                cloud,
                BOOTSTRAP_EXPIRED,
                "the guest of server %d never came in, and its token has expired: replacing the server; the volume stays"
                        .formatted(server),
                new OnServer(new DeleteServer(server)));
    }

    private static Need<AgentStep> health(AgentObservation agent, Guest guest) {
        if (!isFresh(agent, guest)) {
            return Need.unknown(
                    GUEST_SILENT,
                    "the guest last reported at " + guest.reportedAt().truncatedTo(ChronoUnit.SECONDS),
                    LATER);
        }
        GuestReport report = guest.report();
        boolean runs = report.container() != null && report.container().running();
        boolean holds = report.firewall() != null && report.firewall().holds();
        boolean reachable =
                report.firewall() != null && !report.firewall().reachable().isEmpty();
        if (reachable || !holds && runs) {
            return Need.blocked(GUEST_EXPOSED, exposed(report), LATER);
        }
        if (!holds) { // its first report comes before it has tried
            return Need.blocked(
                    GUEST_STARTING, "the guest starts nothing before its firewall holds" + problems(report), LATER);
        }
        Optional<String> missing = missing(agent, report);
        if (missing.isPresent()) {
            return Need.blocked(GUEST_STARTING, missing.get() + problems(report), LATER);
        }
        long version = agent.status().settings().version();
        return report.settingsVersion() == null || report.settingsVersion() < version
                ? Need.waitFor(
                        SETTINGS_CHANGING, "the guest does not use settings version %d yet".formatted(version), LATER)
                : Need.met(AS_SPECIFIED, "the guest reports that its rules hold and the container runs");
    }

    private static String exposed(GuestReport report) {
        return report.firewall() == null || report.firewall().reachable().isEmpty()
                ? "the guest's firewall does not hold" + problems(report)
                : "ports %s of the guest can be reached"
                        .formatted(report.firewall().reachable());
    }

    private static Optional<String> missing(AgentObservation agent, GuestReport report) {
        String image = agent.frozen().orElseThrow().image();
        if (report.volume() == null || !report.volume().mounted()) {
            return Optional.of("the guest has not mounted its volume");
        }
        if (report.container() == null || !report.container().running()) {
            return Optional.of("the container does not run");
        }
        if (!image.equals(report.container().image())) {
            return Optional.of("the container runs another image than '%s'".formatted(image));
        }
        return report.connector() == null || !report.connector().running()
                ? Optional.of("the connector does not run")
                : Optional.empty();
    }

    private static String problems(GuestReport report) {
        return report.problems().isEmpty()
                ? ""
                : report.problems().stream()
                        .map(p -> "%s: %s".formatted(p.what(), p.message()))
                        .collect(Collectors.joining("; ", " (", ")"));
    }
}
