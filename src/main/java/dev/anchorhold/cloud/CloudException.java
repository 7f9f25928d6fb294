package dev.anchorhold.cloud;

import java.time.Duration;
import java.util.List;

/**
 * Error of a call to a cloud, one subtype for each way to go on. Mapped once, from the provider's {@code code} and not
 * from the HTTP status (providers.md A.10). A message holds neither tokens nor user data.
 */
public abstract sealed class CloudException extends RuntimeException {
    private final String code;
    private final String correlationId;

    private CloudException(Detail detail, Throwable cause) {
        super(detail.message(), cause);
        this.code = detail.code();
        this.correlationId = detail.correlationId();
    }

    /** The provider's own code ({@code resource_unavailable}), or one of ours where there was none ({@code no_answer}). */
    public final String code() {
        return code;
    }

    /** The id by which the provider's support finds the call; empty if there was no answer. */
    public final String correlationId() {
        return correlationId;
    }

    /** What all of them carry. The message is already safe to show. */
    public record Detail(String code, String message, String correlationId) {}

    /** Nothing was changed; try again after a while. A failed read, or a write that never left. */
    public static final class Transient extends CloudException {
        public Transient(Detail detail, Throwable cause) {
            super(detail, cause);
        }
    }

    /** No budget left, here or there: come back after {@link #retryAfter()}, which is already jittered. */
    public static final class RateLimited extends CloudException {
        private final Duration retryAfter;

        public RateLimited(Detail detail, Duration retryAfter) {
            super(detail, null);
            this.retryAfter = retryAfter;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** The object is busy ({@code conflict}, {@code locked}): try again within seconds. */
    public static final class Conflict extends CloudException {
        public Conflict(Detail detail) {
            super(detail, null);
        }
    }

    /** Something of that name (or fingerprint) exists: look it up, adopt it if its labels are ours, else touch nothing (F02). */
    public static final class NameTaken extends CloudException {
        private final List<String> fields;

        public NameTaken(Detail detail, List<String> fields) {
            super(detail, null);
            this.fields = List.copyOf(fields);
        }

        public List<String> fields() {
            return fields;
        }
    }

    /** The cloud has no room now: back off for minutes, try the next candidate (F06). */
    public static final class Capacity extends CloudException {
        public Capacity(Detail detail) {
            super(detail, null);
        }
    }

    /** The customer's limit is reached: a person is needed (F10). */
    public static final class Quota extends CloudException {
        private final String limit;

        public Quota(Detail detail, String limit) {
            super(detail, null);
            this.limit = limit;
        }

        /** The limit's name as the provider gives it, for instance {@code primary_ip_limit}; empty if it named none. */
        public String limit() {
            return limit;
        }
    }

    /** The token is wrong, revoked or may only read. Nothing helps but another token (F15). */
    public static final class Unauthorized extends CloudException {
        public Unauthorized(Detail detail) {
            super(detail, null);
        }
    }

    /** The request itself is refused: no use in repeating it until the resource's generation changes. */
    public static final class Invalid extends CloudException {
        private final List<String> fields;

        public Invalid(Detail detail, List<String> fields) {
            super(detail, null);
            this.fields = List.copyOf(fields);
        }

        public List<String> fields() {
            return fields;
        }
    }

    /**
     * What the spec refers to in Kubernetes is missing, or of no use: only a person can mend it, outside of the cloud and without a
     * change of the spec. It is looked at again within seconds.
     */
    public static final class Unresolved extends CloudException {
        public Unresolved(Detail detail) {
            super(detail, null);
        }
    }

    /** Something still uses it: retry with back-off while that goes away (F17). */
    public static final class InUse extends CloudException {
        public InUse(Detail detail) {
            super(detail, null);
        }
    }

    /** The cloud itself says that there is no such object. A 404 without the provider's code is never this. */
    public static final class NotFound extends CloudException {
        public NotFound(Detail detail) {
            super(detail, null);
        }
    }

    /** Somebody switched on the protection against deletion. */
    public static final class Protected extends CloudException {
        public Protected(Detail detail) {
            super(detail, null);
        }
    }

    /** The provider itself has locked it: only its support can help. */
    public static final class Locked extends CloudException {
        public Locked(Detail detail) {
            super(detail, null);
        }
    }

    /** A write was sent and its answer lost: it may have happened. Look before repeating it (F09). */
    public static final class UnknownOutcome extends CloudException {
        public UnknownOutcome(Detail detail, Throwable cause) {
            super(detail, cause);
        }
    }
}
