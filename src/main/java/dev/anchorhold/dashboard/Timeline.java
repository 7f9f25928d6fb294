package dev.anchorhold.dashboard;

import dev.anchorhold.ledger.books.Period;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A resource's periods drawn over time, from the first instant of the first to the last of the last, or until now.
 *
 * @param from its left end
 * @param to its right end
 * @param bars from left to right
 * @param transfers where it went from one account to another
 */
record Timeline(Instant from, Instant to, List<Bar> bars, List<Mark> transfers) {
    /** The drawing's width, in units of its own. */
    static final int WIDTH = 1_000;

    /** What a minute of a year may not fall below, so that it is seen. */
    private static final double NARROWEST = 1.5;

    /**
     * A period.
     *
     * @param style {@code running} or {@code paused}
     * @param title what a reader is told
     */
    record Bar(double x, double width, String style, String title) {}

    record Mark(double x, String title) {}

    /** @param periods in their order; at least one */
    static Timeline of(List<Period> periods, Instant now) {
        Instant from = periods.getFirst().startedAt();
        Instant to = periods.stream()
                .map(it -> it.endAt(now))
                .max(Instant::compareTo)
                .orElseThrow();
        double scale = WIDTH / Math.max(1e-6, seconds(from, to));
        List<Bar> bars = new ArrayList<>();
        List<Mark> transfers = new ArrayList<>();
        Period before = null;
        for (Period it : periods) {
            double x = Math.max(0, seconds(from, it.startedAt()) * scale);
            double width = Math.max(NARROWEST, seconds(it.startedAt(), it.endAt(now)) * scale);
            String state = Format.state(it.subject().kind(), it.state());
            bars.add(new Bar(
                    round(Math.min(x, WIDTH - NARROWEST)),
                    round(width),
                    it.state().name().toLowerCase(Locale.ROOT),
                    "%s for %s from %s, %s"
                            .formatted(
                                    state,
                                    it.account(),
                                    Format.instant(it.startedAt()),
                                    Format.duration(Duration.between(it.startedAt(), it.endAt(now))))));
            if (before != null && !before.account().equals(it.account())) {
                transfers.add(new Mark(
                        round(x),
                        "given to %s by %s on %s"
                                .formatted(it.account(), before.account(), Format.instant(it.startedAt()))));
            }
            before = it;
        }
        return new Timeline(from, to, bars, transfers);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e9;
    }

    private static double round(double it) {
        return Math.round(it * 10) / 10.0;
    }
}
