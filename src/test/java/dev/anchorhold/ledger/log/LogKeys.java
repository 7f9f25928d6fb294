package dev.anchorhold.ledger.log;

import dev.anchorhold.ledger.merkle.SigningKey;

/** The key by which logs of tests are signed that nobody verifies. */
public final class LogKeys {
    private LogKeys() {}

    public static SigningKey shared() {
        return LogFixture.KEY;
    }
}
