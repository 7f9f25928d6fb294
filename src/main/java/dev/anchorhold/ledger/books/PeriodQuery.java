package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.State;
import java.time.Instant;
import java.util.Optional;

/**
 * A query of periods: those to which all that is given applies. With {@code from} or {@code to}, those with a part in that
 * range.
 */
public record PeriodQuery(
        Optional<String> account,
        Optional<String> resource,
        Optional<State> state,
        Optional<Instant> from,
        Optional<Instant> to) {

    public static PeriodQuery all() {
        return new PeriodQuery(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public PeriodQuery account(String account) {
        return new PeriodQuery(Optional.of(account), resource, state, from, to);
    }

    public PeriodQuery resource(String uid) {
        return new PeriodQuery(account, Optional.of(uid), state, from, to);
    }
}
