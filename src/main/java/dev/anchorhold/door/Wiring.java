package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import javax.sql.DataSource;

/** Makes the door's parts, once a process. The parts themselves are plain Java: tests make their own. */
class Wiring {

    @Produces
    @Singleton
    Database database(Instance<DataSource> source) {
        return new Database(source::get);
    }
}
