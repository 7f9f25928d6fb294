package dev.anchorhold.world;

/** Runs the packaged operator as a process. */
public final class OperatorProcess extends ProductProcess {

    private OperatorProcess(Settings settings) {
        super("operator", settings, settings.port());
    }

    /** Starts it without waiting until it is ready. */
    public static OperatorProcess start(Settings settings) {
        return new OperatorProcess(settings);
    }

    /** Waits until it reports itself ready; stops it when it never does. */
    public OperatorProcess awaitReady() {
        untilReady();
        return this;
    }
}
