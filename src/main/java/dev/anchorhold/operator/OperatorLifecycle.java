package dev.anchorhold.operator;

import dev.anchorhold.operator.account.UnownedPeriods;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalSink;
import dev.anchorhold.platform.Settings;
import dev.anchorhold.platform.VitalThread;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Utils;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Starts the operator in processes that have its role, and is their readiness check: ready when all caches are filled.
 */
@ApplicationScoped
@Readiness
class OperatorLifecycle implements HealthCheck {
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(5);

    private final Settings settings;
    private final Fleet fleet;
    private final Instance<Operator> operator;
    private final Instance<Leadership> leadership;
    private final Instance<GuestDoor> door;
    private final Instance<JournalSink> journalSink;
    private final Instance<UnownedPeriods> unownedPeriods;
    private volatile boolean ended;

    OperatorLifecycle(
            Settings settings,
            Fleet fleet,
            Instance<Operator> operator,
            Instance<Leadership> leadership,
            Instance<GuestDoor> door,
            Instance<JournalSink> journalSink,
            Instance<UnownedPeriods> unownedPeriods) {
        this.settings = settings;
        this.fleet = fleet;
        this.operator = operator;
        this.leadership = leadership;
        this.door = door;
        this.journalSink = journalSink;
        this.unownedPeriods = unownedPeriods;
    }

    void start(@Observes StartupEvent event) {
        if (settings.roles().contains(Settings.Role.OPERATOR)) {
            // Its own fields in the log say the same as ours, under longer names.
            System.setProperty(Utils.USE_MDC_ENV_KEY, "false");
            operator.get().start();
            fleet.markSynced();
            door.get().start();
            journalSink.get().start();
            unownedPeriods.get().start();
            VitalThread.start("lease-watch", this::watchLease);
        }
    }

    private void watchLease() {
        while (!ended) {
            leadership.get().watch();
            try {
                Thread.sleep(WATCH_INTERVAL);
            } catch (InterruptedException _) {
                // the condition shows why
            }
        }
    }

    /** The steps that run are ended first; then a standby need not wait for the Lease to pass. */
    void end(@Observes ShutdownEvent event) {
        ended = true;
        if (settings.roles().contains(Settings.Role.OPERATOR)) {
            leadership.get().resign(operator.get()::stop);
        }
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("operator")
                .status(!settings.roles().contains(Settings.Role.OPERATOR) || fleet.isSynced())
                .build();
    }
}
