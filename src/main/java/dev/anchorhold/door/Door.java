package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import java.time.InstantSource;

/** The door's parts, on one database, with one seal and one clock. */
final class Door {
    private static final int LINES_PER_MINUTE = 600;

    final Deposits deposits;
    final Entrance entrance;
    final Reception reception;
    final Feed feed;
    final Housekeeping housekeeping;

    Door(Database database, Seal seal, InstantSource clock) {
        deposits = new Deposits(database, seal, clock);
        entrance = new Entrance(database, seal, clock);
        reception = new Reception(database, entrance, new Attempts(LINES_PER_MINUTE, clock), clock);
        feed = new Feed(database);
        housekeeping = new Housekeeping(database, seal, clock);
    }
}
