package dev.anchorhold.operator.server;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Action;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.operator.backoff.FailureBackoff.Failure;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is known of an object's server at one instant: sighting, actions, failures.
 *
 * @param servers those that bear our labels and the object's UID
 * @param actions of this object: running, or done and not read yet, or failed and not made good yet
 * @param failures those whose back-off is not over, by step name
 * @param finished when actions of this object last succeeded, by command and the cloud's clock, as far as this process
 * saw it
 * @param shutdownRequestedAt when the guest was last asked to shut down, by this process
 */
public record ServerObservation(
        Instant now,
        Sighting<List<Server>> servers,
        List<Action> actions,
        Map<String, Instant> finished,
        Map<String, Failure> failures,
        Optional<Instant> shutdownRequestedAt) {

    public Optional<Failure> failure(String step) {
        return Optional.ofNullable(failures.get(step));
    }

    /** One of these is under way, or over and its effect not read yet. */
    public boolean running(String... commands) {
        return actions.stream().anyMatch(a -> !a.failed() && List.of(commands).contains(a.command()));
    }

    public Optional<Action> failed(String command) {
        return actions.stream()
                .filter(a -> a.failed() && a.command().equals(command))
                .findFirst();
    }

    /** When the last of these succeeded, by the cloud's clock. */
    public Optional<Instant> finished(String... commands) {
        return Stream.of(commands).map(finished::get).filter(Objects::nonNull).max(Comparator.naturalOrder());
    }

    /** The server, where there is one. */
    public Optional<Server> server() {
        return servers instanceof Seen<List<Server>>(var all, var _) ? Optional.of(all.getFirst()) : Optional.empty();
    }

    Server requireServer() {
        return server().orElseThrow();
    }
}
