package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import dev.anchorhold.platform.VitalThread;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Starts the companion's housekeeping in the processes that have its role, and reports their readiness: the database is there
 * and has our schema.
 */
@ApplicationScoped
@Readiness
class CompanionLifecycle implements HealthCheck {
    private static final Logger LOG = Logger.getLogger(CompanionLifecycle.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Settings settings;
    private final Database database;
    private final Instance<Door> door;
    private volatile boolean ending;

    CompanionLifecycle(Settings settings, Database database, Instance<Door> door) {
        this.settings = settings;
        this.database = database;
        this.door = door;
    }

    /** The schema was migrated before this; a process that is there for nothing else ends. */
    void start(@Observes StartupEvent event) {
        if (settings.roles().equals(Set.of(Role.MIGRATION))) {
            Quarkus.asyncExit(0);
        }
        if (settings.roles().contains(Role.COMPANION)) {
            Housekeeping housekeeping = door.get().housekeeping;
            VitalThread.start("housekeeping", () -> runHousekeeping(housekeeping));
        }
    }

    void end(@Observes ShutdownEvent event) {
        ending = true;
    }

    private void runHousekeeping(Housekeeping housekeeping) {
        while (!ending) {
            try {
                housekeeping.runOnce();
            } catch (RuntimeException e) {
                LOG.warnf("housekeeping failed, and is tried again: %s", e.getMessage());
            }
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("companion")
                .status(!settings.roles().contains(Role.COMPANION) || databaseIsReady())
                .build();
    }

    private boolean databaseIsReady() {
        try {
            return database.transaction(it -> it.first(row -> row.number("position"), "SELECT position FROM door.feed"))
                    .isPresent();
        } catch (Database.Unavailable _) {
            return false;
        }
    }
}
