package dev.anchorhold.operator;

import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.platform.Settings;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Starts the operator in processes that have its role, and is their readiness check: ready when all caches are filled.
 */
@ApplicationScoped
@Readiness
class OperatorLifecycle implements HealthCheck {
    private final Settings settings;
    private final Fleet fleet;
    private final Instance<Operator> operator;
    private final Instance<GuestDoor> door;
    private final Instance<JournalSink> journalSink;

    OperatorLifecycle(
            Settings settings,
            Fleet fleet,
            Instance<Operator> operator,
            Instance<GuestDoor> door,
            Instance<JournalSink> journalSink) {
        this.settings = settings;
        this.fleet = fleet;
        this.operator = operator;
        this.door = door;
        this.journalSink = journalSink;
    }

    void start(@Observes StartupEvent event) {
        if (settings.roles().contains(Settings.Role.OPERATOR)) {
            operator.get().start();
            fleet.markSynced();
            door.get().start();
            journalSink.get().start();
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("operator")
                .status(!settings.roles().contains(Settings.Role.OPERATOR) || fleet.isSynced())
                .build();
    }
}
