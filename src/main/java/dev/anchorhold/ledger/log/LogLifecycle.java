package dev.anchorhold.ledger.log;

import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import dev.anchorhold.platform.VitalThread;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import org.jboss.logging.Logger;

/** Starts the log in the processes that have the companion's role: without its key they do not start. */
@ApplicationScoped
class LogLifecycle {
    private static final Logger LOG = Logger.getLogger(LogLifecycle.class);

    private final Settings settings;
    private final Instance<TransparencyLog> log;

    LogLifecycle(Settings settings, Instance<TransparencyLog> log) {
        this.settings = settings;
        this.log = log;
    }

    void start(@Observes StartupEvent event) {
        if (settings.roles().contains(Role.COMPANION)) {
            TransparencyLog started = log.get();
            VitalThread.start("log-begin", () -> begin(started));
        }
    }

    /** Whoever calls first would do it too; but what is wrong with the newest checkpoint is to be said at the start. */
    private static void begin(TransparencyLog log) {
        try {
            log.begin();
        } catch (RuntimeException e) {
            LOG.errorf("the log cannot start: %s", e.getMessage());
        }
    }
}
