package dev.anchorhold.world;

import java.util.Optional;

/** A process of the local world that can be started again after it ended. */
interface Restartable {

    String name();

    /** Why its last run ended, for people; empty while it runs. */
    Optional<String> ending();

    /** Starts it again with all that it was told the first time. It stops what still runs of it. */
    void restart();
}
