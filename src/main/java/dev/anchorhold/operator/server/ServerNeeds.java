package dev.anchorhold.operator.server;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.server.ServerStep.*;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What any server needs once it is asked for: to be complete, behind its firewall, and powered as wanted. Pure. */
public final class ServerNeeds {
    /** How long a guest may take to shut down before the power is cut. */
    public static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(60);

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final Duration FAILED_ACTION_DELAY = Duration.ofSeconds(30);

    private ServerNeeds() {}

    /** More than one bears the object's label. */
    public static <S> Need<S> duplicates(List<Server> all) {
        return Need.blocked(
                DUPLICATE_SERVERS,
                "several servers bear this object's label (ids %s); delete those that you do not want"
                        .formatted(all.stream().map(s -> "" + s.id()).collect(Collectors.joining(", "))),
                Plan.RESYNC_INTERVAL);
    }

    /**
     * All that the create call started has succeeded (F04); slow is not failed (F05).
     *
     * @param before it was complete once: then it is never removed for what its creation did
     */
    public static Need<ServerStep> provisioned(ServerObservation seen, boolean before) {
        Server server = seen.requireServer();
        if (server.status() == Server.Status.DELETING) {
            return Need.waitFor(CLOUD_BUSY, "somebody is deleting the server", SOON);
        }
        var failed = seen.failed("create_server").filter(a -> concerns(a, server));
        if (failed.isPresent() && !before) {
            return afterAFailure(
                    seen, failed.get(), "the cloud failed to make the server", new DeleteServer(server.id()));
        }
        if (seen.running("create_server") || server.status() == Server.Status.INITIALIZING) {
            return Need.waitFor(SERVER_CREATING, "the cloud is making server " + server.id(), LATER);
        }
        return Need.met(AS_SPECIFIED, "server %d is there".formatted(server.id()));
    }

    /** Not the failure of a predecessor that has been removed since. */
    private static boolean concerns(Action action, Server server) {
        return action.resources().contains(new Action.Target(server.id(), "server"));
    }

    private static Need<ServerStep> afterAFailure(
            ServerObservation seen, Action failed, String what, ServerStep remedy) {
        String message = "%s (%s)".formatted(what, failed.errorCode());
        return failedRecently(failed, seen.now())
                ? Need.blocked(ACTION_FAILED, message + "; trying again in a moment", SOON)
                : attempt(seen, ACTION_FAILED, message, remedy);
    }

    /** A failed action is reported for a while before its remedy is done. */
    public static boolean failedRecently(Action failed, Instant now) {
        return failed.finished() != null
                && failed.finished().plus(FAILED_ACTION_DELAY).isAfter(now);
    }

    /**
     * Exactly the wanted firewall is on the server: a further one would let more in.
     *
     * @param sharedName the firewall's name when others use it too, else empty
     */
    public static Need<ServerStep> firewallAttached(ServerObservation seen, long wanted, String sharedName) {
        Server server = seen.requireServer();
        if (seen.running("apply_firewall", "remove_firewall")) {
            return Need.waitFor(FIREWALL_ATTACHING, "the cloud is changing the server's firewalls", LATER);
        }
        var on = server.firewalls().stream().filter(f -> f.id() == wanted).findFirst();
        if (on.isEmpty()) {
            return attempt(
                    seen,
                    FIREWALL_ATTACHING,
                    "putting the firewall on the server",
                    new AttachFirewall(wanted, server.id(), sharedName));
        }
        var strange = server.firewalls().stream().filter(f -> f.id() != wanted).findFirst();
        if (strange.isPresent()) {
            return attempt(
                    seen,
                    FIREWALL_ATTACHING,
                    "taking firewall %d off the server".formatted(strange.get().id()),
                    new DetachFirewall(strange.get().id(), server.id()));
        }
        return on.get().applied()
                ? Need.met(AS_SPECIFIED, "the rules are as specified, and in force")
                : Need.poll(
                        FIREWALL_ATTACHING,
                        "the cloud has not put the firewall into force yet",
                        SOON,
                        new RereadServer(server.id()));
    }

    public static Need<ServerStep> power(ServerObservation seen, boolean wantsRunning) {
        Server server = seen.requireServer();
        if (seen.running("start_server", "stop_server", "shutdown_server", "reboot_server", "reset_server")) {
            return wantsRunning
                    ? Need.waitFor(POWERING_ON, "the cloud is changing the server's power", LATER)
                    : Need.waitFor(SHUTTING_DOWN, "the server is going down", LATER);
        }
        return switch (server.status()) {
            case RUNNING -> wantsRunning ? stayUp(seen, server) : goDown(seen, server);
            case OFF -> wantsRunning ? comeUp(seen, server) : Need.met(STOPPED, "the server is off");
            default ->
                Need.poll(
                        CLOUD_BUSY,
                        "the server is " + server.status().name().toLowerCase(Locale.ROOT),
                        SOON,
                        new RereadServer(server.id()));
        };
    }

    /** A guest that was asked to shut down, before somebody thought better of it, may still do so. */
    private static Need<ServerStep> stayUp(ServerObservation seen, Server server) {
        return shutdownPending(seen)
                ? Need.poll(
                        POWERING_ON,
                        "the guest was asked to shut down a moment ago; if it does, it is powered on again",
                        SOON,
                        new RereadServer(server.id()))
                : Need.met(RUNNING, "the server runs");
    }

    private static boolean shutdownPending(ServerObservation seen) {
        return seen.shutdownRequestedAt()
                .filter(when -> when.plus(SHUTDOWN_GRACE).isAfter(seen.now()))
                .isPresent();
    }

    private static Need<ServerStep> comeUp(ServerObservation seen, Server server) {
        var on = new PowerOn(server.id());
        return seen.failed("start_server")
                .map(failed -> afterAFailure(seen, failed, "the cloud failed to start the server", on))
                .orElseGet(() -> attempt(seen, POWERING_ON, "powering the server on", on));
    }

    private static Need<ServerStep> goDown(ServerObservation seen, Server server) {
        if (seen.shutdownRequestedAt().isEmpty()) {
            return attempt(seen, SHUTTING_DOWN, "asking the guest to shut down", new Shutdown(server.id()));
        }
        if (shutdownPending(seen)) {
            return Need.poll(
                    SHUTTING_DOWN,
                    "the guest was asked to shut down; the power is cut if it takes longer than a minute",
                    SOON,
                    new RereadServer(server.id()));
        }
        return attempt(seen, SHUTTING_DOWN, "cutting the power", new PowerOff(server.id()));
    }

    private static Need<ServerStep> attempt(ServerObservation seen, String reason, String message, ServerStep step) {
        return Need.attempt(seen.failure(step.name()), reason, message, ServerNeeds::remedy, step);
    }

    /** What a person can do about it, when only a person can. */
    public static String remedy(CloudException error) {
        return switch (error) {
            case CloudException.Invalid invalid -> changeField("spec", invalid);
            case CloudException.Quota _ -> "; have the limit raised, or delete what is not needed any more";
            default -> "";
        };
    }

    /** Where in the spec the reason lies, when the cloud refuses what the API server let pass. */
    public static String changeField(String field, CloudException.Invalid invalid) {
        return invalid.fields().isEmpty()
                ? "; change " + field
                : "; change %s (the cloud names %s)".formatted(field, String.join(", ", invalid.fields()));
    }
}
