package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.Sighting.Unknown;
import dev.anchorhold.door.message.Guest;
import dev.anchorhold.door.message.GuestReport;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentObservation.Edge;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.server.ServerStep.DeleteServer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an Agent needs of its guest: that it came in, has today's settings, and shows that all is well (F34, F35). Pure. */
final class GuestNeeds {
    /** A guest reports every minute. */
    static final Duration REPORT_TIMEOUT = Duration.ofMinutes(4);

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
            case Absent<Guest> _ ->
                Need.blocked(
                        GUEST_UNKNOWN,
                        "the door knows of no guest of this Agent's: if its books were lost, delete the server in the"
                                + " console, and a new one is made",
                        LATER);
            case Seen<Guest>(var guest, var _) ->
                hasReported(agent, guest) ? health(agent, guest) : awaited(agent, cloud, guest);
        };
    }

    /** Since its newest deposit, which a new server needs, and not in a boot that has ended. */
    private static boolean hasReported(AgentObservation agent, Guest guest) {
        return guest.report() != null
                && guest.reportedAt() != null
                && (guest.depositedAt() == null || !guest.reportedAt().isBefore(guest.depositedAt()))
                && guest.report().bootId() != null
                && !guest.report().bootId().equals(agent.status().endedBoot());
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
        if (guest.reportedAt().plus(REPORT_TIMEOUT).isBefore(agent.now())) {
            return Need.unknown(
                    GUEST_SILENT,
                    "the guest last reported at " + guest.reportedAt().truncatedTo(ChronoUnit.SECONDS),
                    LATER);
        }
        GuestReport report = guest.report();
        if (report.firewall() == null
                || !report.firewall().holds()
                || !report.firewall().reachable().isEmpty()) {
            return Need.blocked(GUEST_EXPOSED, exposed(report), LATER);
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
