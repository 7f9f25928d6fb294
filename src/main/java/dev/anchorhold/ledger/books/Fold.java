package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes what a batch of events changes in the books: periods that begin and end, usage by day, and the accounts that this
 * affects. No I/O and no clock. It takes all that the log accepts: an event after which the resource is in the same state, for
 * the same account, changes no period; so a period lasts from the first event that says something else than before to the next
 * one.
 */
final class Fold {
    /** A period that lasts, in the books already or begun by these events. */
    record OpenPeriod(long openedBy, String resource, String account, State state, Instant startedAt) {}

    /** The end of a period that the books have already. */
    record PeriodEnd(long openedBy, Instant endedAt, long closedBy) {}

    /** A period that the books do not have yet; its end is null when it lasts beyond these events. */
    record NewPeriod(
            long openedBy,
            String resource,
            String account,
            State state,
            Instant startedAt,
            Instant endedAt,
            Long closedBy) {}

    /** An account whose usage is another, from that instant on, than the books had it before. */
    record AffectedAccount(String account, Instant at) {}

    private record Key(LocalDate day, String account, String resource, State state) {}

    /** Time of periods that ended, on one day. */
    record DayUsage(LocalDate day, String account, String resource, State state, long microseconds) {}

    private final Map<String, OpenPeriod> open = new HashMap<>();
    private final Map<Long, OpenPeriod> begun = new LinkedHashMap<>();
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final List<PeriodEnd> closed = new ArrayList<>();
    private final List<NewPeriod> opened = new ArrayList<>();
    private final Map<String, Instant> affected = new LinkedHashMap<>();
    private final Map<Key, Long> usage = new LinkedHashMap<>();

    /** @param openPeriods those of all resources that the events concern */
    Fold(Collection<OpenPeriod> openPeriods) {
        openPeriods.forEach(it -> open.put(it.resource(), it));
    }

    void apply(StateChange event) {
        OpenPeriod before = open.get(event.subject().uid());
        subjects.putIfAbsent(event.subject().uid(), event.subject());
        if (before != null
                && before.state() == event.state()
                && before.account().equals(event.account())) {
            return;
        }
        if (before != null) {
            end(before, event);
        }
        if (event.state() != null) {
            begin(event);
        }
    }

    private void begin(StateChange event) {
        OpenPeriod it =
                new OpenPeriod(event.index(), event.subject().uid(), event.account(), event.state(), event.at());
        open.put(it.resource(), it);
        begun.put(it.openedBy(), it);
        markAffected(it.account(), event.at());
    }

    /** A transfer ends one period and begins the next at the same instant, so no time is lost between two accounts. */
    private void end(OpenPeriod it, StateChange event) {
        open.remove(it.resource());
        if (begun.remove(it.openedBy()) == null) {
            closed.add(new PeriodEnd(it.openedBy(), event.at(), event.index()));
        } else {
            opened.add(opened(it, event.at(), event.index()));
        }
        UtcDays.split(it.startedAt(), event.at())
                .forEach((day, microseconds) ->
                        usage.merge(new Key(day, it.account(), it.resource(), it.state()), microseconds, Long::sum));
        markAffected(it.account(), event.at());
    }

    private void markAffected(String account, Instant at) {
        affected.merge(account, at, (a, b) -> a.isBefore(b) ? a : b);
    }

    private static NewPeriod opened(OpenPeriod it, Instant endedAt, Long closedBy) {
        return new NewPeriod(it.openedBy(), it.resource(), it.account(), it.state(), it.startedAt(), endedAt, closedBy);
    }

    Collection<Subject> subjects() {
        return subjects.values();
    }

    List<PeriodEnd> closed() {
        return closed;
    }

    /** All new periods: those that ended meanwhile, then those that last. */
    List<NewPeriod> opened() {
        List<NewPeriod> all = new ArrayList<>(opened);
        begun.values().forEach(it -> all.add(opened(it, null, null)));
        return all;
    }

    List<DayUsage> dayUsage() {
        return usage.entrySet().stream()
                .map(it -> new DayUsage(
                        it.getKey().day(),
                        it.getKey().account(),
                        it.getKey().resource(),
                        it.getKey().state(),
                        it.getValue()))
                .toList();
    }

    List<AffectedAccount> affectedAccounts() {
        return affected.entrySet().stream()
                .map(it -> new AffectedAccount(it.getKey(), it.getValue()))
                .toList();
    }
}
