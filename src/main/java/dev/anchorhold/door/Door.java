package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import java.time.InstantSource;

/** The door's parts, on one database, with one seal and one clock. */
final class Door {
    private static final int LINES_PER_MINUTE = 600;

    final Deposits deposits;
    final GuestAuthenticator authenticator;
    final ReportIntake reports;
    final GuestFeed feed;
    final Housekeeping housekeeping;

    Door(Database database, SealingCipher seal, InstantSource clock) {
        deposits = new Deposits(database, seal, clock);
        authenticator = new GuestAuthenticator(database, seal, clock);
        reports = new ReportIntake(database, authenticator, new RateLimiter(LINES_PER_MINUTE, clock), clock);
        feed = new GuestFeed(database);
        housekeeping = new Housekeeping(database, seal, clock);
    }
}
