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
 * What a run of events changes in the books. No I/O and no clock. It takes all that the log accepts: an event after which the
 * resource is in the same state, for the same account, changes no period; so a period lasts from the first event that says
 * something else than before to the next one.
 */
final class Fold {
    /** A period that lasts. */
    record Open(long openedBy, String resource, String account, State state, Instant startedAt) {}

    /** The end of a period that the books have already. */
    record Close(long openedBy, Instant endedAt, long closedBy) {}

    /** A period that the books do not have yet; its end is null when it lasts beyond these events. */
    record Opened(
            long openedBy,
            String resource,
            String account,
            State state,
            Instant startedAt,
            Instant endedAt,
            Long closedBy) {}

    /** From then on the account's time is another than the books had it before. */
    record Touched(String account, Instant at) {}

    private record Key(LocalDate day, String account, String resource, State state) {}

    /** Time of periods that ended. */
    record Used(LocalDate day, String account, String resource, State state, long microseconds) {}

    private final Map<String, Open> open = new HashMap<>();
    private final Map<Long, Open> made = new LinkedHashMap<>();
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final List<Close> closed = new ArrayList<>();
    private final List<Opened> opened = new ArrayList<>();
    private final Map<String, Instant> touched = new LinkedHashMap<>();
    private final Map<Key, Long> used = new LinkedHashMap<>();

    /** @param lasting the open periods of all resources that events will be told of */
    Fold(Collection<Open> lasting) {
        lasting.forEach(it -> open.put(it.resource(), it));
    }

    void tell(Told event) {
        Open before = open.get(event.subject().uid());
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

    private void begin(Told event) {
        Open it = new Open(event.index(), event.subject().uid(), event.account(), event.state(), event.at());
        open.put(it.resource(), it);
        made.put(it.openedBy(), it);
        touch(it.account(), event.at());
    }

    /** A transfer ends one period and begins the next at the same instant, so no time is lost between two accounts. */
    private void end(Open it, Told event) {
        open.remove(it.resource());
        if (made.remove(it.openedBy()) == null) {
            closed.add(new Close(it.openedBy(), event.at(), event.index()));
        } else {
            opened.add(opened(it, event.at(), event.index()));
        }
        Days.utc(it.startedAt(), event.at())
                .forEach((day, microseconds) ->
                        used.merge(new Key(day, it.account(), it.resource(), it.state()), microseconds, Long::sum));
        touch(it.account(), event.at());
    }

    private void touch(String account, Instant at) {
        touched.merge(account, at, (a, b) -> a.isBefore(b) ? a : b);
    }

    private static Opened opened(Open it, Instant endedAt, Long closedBy) {
        return new Opened(it.openedBy(), it.resource(), it.account(), it.state(), it.startedAt(), endedAt, closedBy);
    }

    Collection<Subject> subjects() {
        return subjects.values();
    }

    List<Close> closed() {
        return closed;
    }

    /** All new periods: those that ended meanwhile, then those that last. */
    List<Opened> opened() {
        List<Opened> all = new ArrayList<>(opened);
        made.values().forEach(it -> all.add(opened(it, null, null)));
        return all;
    }

    List<Used> used() {
        return used.entrySet().stream()
                .map(it -> new Used(
                        it.getKey().day(),
                        it.getKey().account(),
                        it.getKey().resource(),
                        it.getKey().state(),
                        it.getValue()))
                .toList();
    }

    List<Touched> touched() {
        return touched.entrySet().stream()
                .map(it -> new Touched(it.getKey(), it.getValue()))
                .toList();
    }
}
