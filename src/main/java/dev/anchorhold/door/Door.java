package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import java.time.InstantSource;

/** The objects of the guest door, on one database, with one cipher and one clock. */
final class Door {
    private static final int LINES_PER_MINUTE = 600;

    final Deposits deposits;
    final GuestAuthenticator authenticator;
    final ReportIntake reports;
    final GuestFeed feed;
    final Housekeeping housekeeping;

    Door(Database database, SealingCipher cipher, InstantSource clock) {
        deposits = new Deposits(database, cipher, clock);
        authenticator = new GuestAuthenticator(database, cipher, clock);
        reports = new ReportIntake(database, authenticator, new RateLimiter(LINES_PER_MINUTE, clock), clock);
        feed = new GuestFeed(database);
        housekeeping = new Housekeeping(database, cipher, clock);
    }
}
