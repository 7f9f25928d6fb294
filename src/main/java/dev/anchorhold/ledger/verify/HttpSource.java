package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads a log over HTTP. A call that fails for no lasting reason is made again, twice. */
final class HttpSource implements LogSource {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration RETRY_DELAY = Duration.ofMillis(500);
    private static final int MAX_ATTEMPTS = 3;
    private static final String DAMAGED = "DamagedLog: ";

    private final String address;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    HttpSource(URI address) {
        this.address = address.toString().replaceAll("/+$", "") + "/";
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(TIMEOUT)
                .build();
        for (var left = MAX_ATTEMPTS; ; left--) {
            try {
                var response = client.send(request, BodyHandlers.ofByteArray());
                switch (response.statusCode()) {
                    case 200 -> {
                        return Optional.of(response.body());
                    }
                    case 404 -> {
                        return Optional.empty();
                    }
                    case 429, 502, 503, 504 ->
                        throw new IOException(request.uri() + " answered " + response.statusCode());
                    default -> throw refused(response);
                }
            } catch (Damaged | PermanentError e) {
                throw e;
            } catch (IOException e) {
                if (left == 1) {
                    throw new IOException("%s could not be read: %s".formatted(request.uri(), message(e)), e);
                }
            }
            Thread.sleep(RETRY_DELAY);
        }
    }

    private static IOException refused(HttpResponse<byte[]> response) {
        if (MinimalJson.parsed(new String(response.body(), UTF_8)) instanceof Map<?, ?> problem
                && problem.get("detail") instanceof String detail
                && detail.startsWith(DAMAGED)) {
            var index = problem.get("index") instanceof Long it ? OptionalLong.of(it) : OptionalLong.empty();
            return new Damaged(detail.substring(DAMAGED.length()), index);
        }
        return new PermanentError(response.uri() + " answered " + response.statusCode());
    }

    private static String message(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    @Override
    public void close() {
        client.close();
    }

    /** No use in trying again. */
    @SuppressWarnings("serial")
    private static final class PermanentError extends IOException {
        PermanentError(String message) {
            super(message);
        }
    }
}
