package dev.anchorhold.sim.cloud;

/**
 * An API error as an exception, with the response that the cloud would send. Thrown by handlers, caught by {@link
 * ApiHttpHandler}.
 */
public abstract class SimulatedApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected SimulatedApiError(String message) {
        super(message, null, false, false);
    }

    public abstract ApiResponse response();
}
