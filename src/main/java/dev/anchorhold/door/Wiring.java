package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.List;

/** Makes the door's parts, once a process that has its role. The parts themselves are plain Java: tests make their own. */
class Wiring {

    @Produces
    @Singleton
    Door door(Database database, Settings settings, InstantSource clock) {
        return new Door(
                database,
                Seal.with(settings.door()
                        .keys()
                        .orElseThrow(() -> new IllegalStateException(
                                "the companion needs anchorhold.door.keys: a file with 32 random bytes in base64"))),
                clock);
    }

    @Produces
    @Singleton
    Strangers strangers(Settings settings, InstantSource clock) {
        return new Strangers(
                new ClientAddress(settings.door().trustedProxies().orElse(List.of())),
                new Attempts(settings.door().attemptsPerMinute(), clock));
    }
}
