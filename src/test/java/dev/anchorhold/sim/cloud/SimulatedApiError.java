package dev.anchorhold.sim.cloud;

/** A request that is refused, in the words of the cloud that refuses it. Thrown by handlers, caught by the front. */
public abstract class SimulatedApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected SimulatedApiError(String message) {
        super(message, null, false, false);
    }

    public abstract ApiResponse response();
}
