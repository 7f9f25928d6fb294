package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/**
 * CDI producers of the door's objects, one each in a process that has its role. The classes themselves are plain Java: tests
 * make their own.
 */
class DoorProducers {

    @Produces
    @Singleton
    Door door(Database database, Settings settings, InstantSource clock) {
        return new Door(
                database,
                SealingCipher.fromFiles(settings.door()
                        .keys()
                        .orElseThrow(() -> new IllegalStateException(
                                "the companion needs anchorhold.door.keys: a file with 32 random bytes in base64"))),
                clock);
    }
}
