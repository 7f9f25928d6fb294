package dev.anchorhold.cloud;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import okhttp3.Headers;

/** Provider-specific part of the {@link Transport}: JSON, rate limit headers, error mapping. */
public interface Dialect {
    /** How long a cloud is left alone that is in maintenance, or has blocked us for too many creations. */
    Duration DEFAULT_BLOCK = Duration.ofMinutes(5);

    /** A label of the metrics: {@code hetzner}. */
    String cloud();

    /** As it stands in messages: {@code Hetzner Cloud}. */
    String name();

    ObjectMapper json();

    /** The header by which the provider's support finds a call. */
    String correlationHeader();

    /** Settles the budget by the answer's headers; false if they say nothing, as those of something in between. */
    boolean settleBudget(RateBudget budget, RateBudget.Granted granted, Headers headers);

    /** Whether a body that came with a good status is a refusal all the same. */
    boolean isError(byte[] body);

    /**
     * The error that an answer is.
     *
     * @param body as it came, perhaps not of the provider's form
     * @param confidential texts that must not come back in a message
     */
    CloudException toException(ErrorResponse errorResponse, byte[] body, List<String> confidential);

    /** What is known of a refusal beside its body; {@code exhausted} and {@code blocked} are asked only when it says so. */
    record ErrorResponse(
            boolean write,
            int status,
            Headers headers,
            String correlationId,
            Supplier<Duration> exhausted,
            UnaryOperator<Duration> blocked) {
        /** The provider shuts us out for this time: when to come back. */
        public Duration blockedFor(Duration time) {
            return blocked.apply(time);
        }

        /** The answer is no word of the API's: an error page of something in between, or garbage. Only the status can be judged. */
        public CloudException withoutCode(String name) {
            var detail = new CloudException.Detail(
                    "no_code", "%s: unreadable answer with status %d".formatted(name, status), correlationId);
            return switch (status) {
                case 401 -> new CloudException.Unauthorized(detail);
                case 403 -> new CloudException.RateLimited(detail, DEFAULT_BLOCK);
                case 429 -> new CloudException.RateLimited(detail, exhausted.get());
                default -> indeterminate(detail);
            };
        }

        /** Nothing can be told from it: a write may have happened. */
        public CloudException indeterminate(CloudException.Detail detail) {
            return write ? new CloudException.UnknownOutcome(detail, null) : new CloudException.Transient(detail, null);
        }
    }
}
