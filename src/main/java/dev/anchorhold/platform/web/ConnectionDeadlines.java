package dev.anchorhold.platform.web;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Closes connections that take longer than they may: to send a request's headers, its body, to be answered, or to ask again. A
 * time-out between two bytes would let somebody hold a connection, and a thread, for as long as they care to send one now and then.
 */
final class ConnectionDeadlines {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final long FIRST_REQUEST = Duration.ofSeconds(20).toNanos();
    private static final long BODY = Duration.ofSeconds(20).toNanos();
    /** More than the longest call takes that waits for something, the delivery of journals. */
    private static final long WHOLE_REQUEST = Duration.ofMinutes(2).toNanos();

    private static final long NEXT_REQUEST = Duration.ofMinutes(2).toNanos();

    private final LongSupplier nanoTime;
    private final Map<HttpConnection, Phase> phases = new ConcurrentHashMap<>();

    /** @param request the one that it has begun and that is not answered; null when there is none */
    private record Phase(HttpServerRequest request, long since, long limit) {

        boolean isOver(long now) {
            long age = now - since;
            return age > limit || (request != null && age > BODY && !request.isEnded());
        }
    }

    ConnectionDeadlines(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void opened(HttpConnection connection) {
        phases.put(connection, new Phase(null, nanoTime.getAsLong(), FIRST_REQUEST));
    }

    void closed(HttpConnection connection) {
        phases.remove(connection);
    }

    void begun(HttpServerRequest request) {
        phases.computeIfPresent(
                request.connection(), (_, _) -> new Phase(request, nanoTime.getAsLong(), WHOLE_REQUEST));
    }

    /** It is answered. Where its body has not come yet, that has its own deadline still. */
    void ended(HttpConnection connection) {
        phases.computeIfPresent(
                connection,
                (_, phase) -> phase.request != null && !phase.request.isEnded()
                        ? phase
                        : new Phase(null, nanoTime.getAsLong(), NEXT_REQUEST));
    }

    /** Whoever reads the body on another thread sees it break off. */
    void enforce() {
        long now = nanoTime.getAsLong();
        phases.forEach((connection, phase) -> {
            if (phase.isOver(now) && phases.remove(connection, phase)) {
                connection.close();
            }
        });
    }
}
