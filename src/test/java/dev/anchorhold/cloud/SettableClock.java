package dev.anchorhold.cloud;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that only the test moves. */
public final class SettableClock implements InstantSource {
    private volatile Instant now;

    public SettableClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        return now;
    }

    public void set(Instant instant) {
        if (instant.isAfter(now)) now = instant;
    }

    public void pass(Duration time) {
        now = now.plus(time);
    }
}
