package dev.anchorhold.door;

import dev.anchorhold.platform.Database;
import dev.anchorhold.platform.web.RateLimiter;
import java.time.InstantSource;

/** The objects of the guest door, on one database, with one cipher and one clock. */
final class Door {
    private static final int LINES_PER_MINUTE = 600;

    final Deposits deposits;
    final GuestAdoption adoption;
    final GuestShare share;
    final CallbackTokens tokens;
    final GuestAuthenticator authenticator;
    final ReportIntake reports;
    final GuestFeed feed;
    final Housekeeping housekeeping;

    Door(Database database, SealingCipher cipher, InstantSource clock) {
        deposits = new Deposits(database, cipher, clock);
        adoption = new GuestAdoption(database, cipher, clock);
        share = new GuestShare(clock);
        tokens = new CallbackTokens(cipher, share, clock);
        authenticator = new GuestAuthenticator(database, cipher, tokens, clock);
        reports = new ReportIntake(database, tokens, new RateLimiter(LINES_PER_MINUTE, clock), clock);
        feed = new GuestFeed(database);
        housekeeping = new Housekeeping(database, cipher, clock);
    }
}
