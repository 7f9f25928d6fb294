package dev.anchorhold.platform.web;

import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The role {@code check}: asks from inside the cluster for what should be reachable there and for what should not, as {@code helm test}
 * does, and ends with 0 if each address answers as it should. A new Service may take some seconds, so each is asked more than once.
 */
@ApplicationScoped
class ReachabilityCheck {
    private static final Logger LOG = Logger.getLogger(ReachabilityCheck.class);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int ATTEMPTS = 20;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    void start(@Observes StartupEvent event, Settings settings) {
        if (settings.roles().equals(Set.of(Role.CHECK))) {
            List<String> failures = failures(
                    settings.check().found().orElse(List.of()),
                    settings.check().notFound().orElse(List.of()),
                    ATTEMPTS,
                    PAUSE);
            failures.forEach(LOG::error);
            Quarkus.asyncExit(failures.isEmpty() ? 0 : 1);
        }
    }

    /**
     * Which of them do not answer as they should, in words.
     *
     * @param found should answer with 200
     * @param notFound should answer with 404
     * @param pause between two of the {@code attempts} at one address
     */
    List<String> failures(List<String> found, List<String> notFound, int attempts, Duration pause) {
        return Stream.concat(
                        found.stream().map(it -> new Expectation(URI.create(it), OK)),
                        notFound.stream().map(it -> new Expectation(URI.create(it), NOT_FOUND)))
                .map(it -> failure(it, attempts, pause))
                .flatMap(Optional::stream)
                .toList();
    }

    private record Expectation(URI address, int status) {}

    private Optional<String> failure(Expectation expected, int attempts, Duration pause) {
        String last = "";
        try {
            for (int i = 0; i < attempts; i++) {
                if (i > 0) {
                    Thread.sleep(pause);
                }
                last = answer(expected.address);
                if (last.equals(Integer.toString(expected.status))) {
                    LOG.infof("%s answers %d, as it should", expected.address, expected.status);
                    return Optional.empty();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.of("%s should answer %d, and the last of %d attempts was: %s"
                .formatted(expected.address, expected.status, attempts, last));
    }

    private String answer(URI address) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(address)
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return Integer.toString(
                    http.send(request, BodyHandlers.discarding()).statusCode());
        } catch (IOException e) {
            return e.toString();
        }
    }
}
