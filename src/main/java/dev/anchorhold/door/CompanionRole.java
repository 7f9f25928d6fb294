package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.Settings.Role;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** The companion in the processes that have its role; ready when the database is there and has our schema. */
@ApplicationScoped
@Readiness
class CompanionRole implements HealthCheck {
    private final Settings settings;
    private final Database database;

    CompanionRole(Settings settings, Database database) {
        this.settings = settings;
        this.database = database;
    }

    /** The schema was migrated before this; a process that is there for nothing else ends. */
    void start(@Observes StartupEvent event) {
        if (settings.roles().equals(Set.of(Role.MIGRATION))) {
            Quarkus.asyncExit(0);
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("companion")
                .status(!settings.roles().contains(Role.COMPANION) || canWork())
                .build();
    }

    private boolean canWork() {
        try {
            return database.transaction(it -> it.first(row -> row.number("position"), "SELECT position FROM door.feed"))
                    .isPresent();
        } catch (Database.Unavailable _) {
            return false;
        }
    }
}
