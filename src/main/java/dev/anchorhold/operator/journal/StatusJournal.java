package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.resource.JournalEntry;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The journal in an object's status, as an immutable value to which entries are appended. Pure. Its newest entry is
 * always kept: it says what the books have last. Time never runs backwards in it, whatever any clock does (F43).
 */
public record StatusJournal(List<JournalEntry> entries) {
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    public StatusJournal {
        entries = List.copyOf(entries);
    }

    // ---- what it says

    public Optional<JournalEntry> last() {
        return entries.isEmpty() ? Optional.empty() : Optional.of(entries.getLast());
    }

    /** The object stands, as far as the books know: it was provisioned and not destroyed. */
    public boolean isActive() {
        return last().isPresent() && !destroyed();
    }

    public boolean destroyed() {
        return last().filter(e -> e.event().equals(EventType.DESTROY.wire())).isPresent();
    }

    /** What the object was in last; empty for none. */
    public Optional<State> state() {
        return last().map(JournalEntry::state).map(State::valueOf);
    }

    public Optional<String> account() {
        return last().map(JournalEntry::account);
    }

    /** How many GiB of volumes it holds, as far as the books know. */
    public Optional<Integer> volumeGiB() {
        return last().map(JournalEntry::volumeGiB);
    }

    /** Whether that was after the last entry. */
    public boolean isAfterLast(Instant at) {
        return last().filter(e -> !at.truncatedTo(ChronoUnit.MICROS).isAfter(Instant.parse(e.at())))
                .isEmpty();
    }

    // ---- what follows; `by` may be null, for nobody

    public StatusJournal provision(Instant at, State state, String account, String by) {
        return provision(at, state, account, by, null);
    }

    /** @param volumeGiB null for none */
    public StatusJournal provision(Instant at, State state, String account, String by, Integer volumeGiB) {
        return append(at, EventType.PROVISION, state, account, null, by, volumeGiB);
    }

    public StatusJournal resize(Instant at, int volumeGiB, String by) {
        return append(at, EventType.RESIZE, state().orElse(null), account().orElseThrow(), null, by, volumeGiB);
    }

    public StatusJournal start(Instant at, String by) {
        return append(at, EventType.START, State.Running, account().orElseThrow(), null, by);
    }

    /** @param state what it is in without running; null when that is nothing */
    public StatusJournal stop(Instant at, State state, String by) {
        return append(at, EventType.STOP, state, account().orElseThrow(), null, by);
    }

    public StatusJournal transfer(Instant at, String account, String by) {
        return append(
                at, EventType.TRANSFER, state().orElse(null), account, account().orElseThrow(), by);
    }

    /** Kubernetes does not tell who deletes. */
    public StatusJournal destroy(Instant at) {
        return destroy(at, null, null);
    }

    /** @param reason why it ended otherwise than by being deleted; null when it did not */
    public StatusJournal destroy(Instant at, String by, String reason) {
        return append(at, EventType.DESTROY, null, account().orElseThrow(), null, by, reason, null);
    }

    /** It holds what it held. */
    private StatusJournal append(
            Instant at, EventType event, State state, String account, String previousAccount, String by) {
        return append(
                at, event, state, account, previousAccount, by, volumeGiB().orElse(null));
    }

    private StatusJournal append(
            Instant at,
            EventType event,
            State state,
            String account,
            String previousAccount,
            String by,
            Integer volumeGiB) {
        return append(at, event, state, account, previousAccount, by, null, volumeGiB);
    }

    private StatusJournal append(
            Instant at,
            EventType event,
            State state,
            String account,
            String previousAccount,
            String by,
            String reason,
            Integer volumeGiB) {
        var entry = new JournalEntry(
                last().map(e -> e.sequence() + 1).orElse(1L),
                format(notBefore(at)),
                event.wire(),
                state == null ? null : state.name(),
                account,
                previousAccount,
                by,
                reason,
                volumeGiB);
        return new StatusJournal(
                Stream.concat(entries.stream(), Stream.of(entry)).toList());
    }

    /** As instants stand in a status: whole microseconds, UTC. */
    public static String format(Instant at) {
        return MICROSECONDS.format(at);
    }

    private Instant notBefore(Instant at) {
        Instant whole = at.truncatedTo(ChronoUnit.MICROS);
        return last().map(e -> Instant.parse(e.at())).filter(whole::isBefore).orElse(whole);
    }

    /** Without what the books have, but for the newest entry. */
    public StatusJournal withoutDelivered(long delivered) {
        return new StatusJournal(entries.stream()
                .filter(e -> e.sequence() > delivered || e == entries.getLast())
                .toList());
    }

    /**
     * As it is delivered to the books.
     *
     * @throws RuntimeException somebody wrote into the status what no operator writes
     */
    List<LedgerEntry> toLedgerEntries() {
        return entries.stream()
                .map(e -> new LedgerEntry(
                        e.sequence(),
                        Instant.parse(e.at()),
                        EventType.of(e.event()),
                        e.state() == null ? null : State.valueOf(e.state()),
                        e.account(),
                        e.previousAccount(),
                        e.by(),
                        e.reason(),
                        e.volumeGiB()))
                .toList();
    }
}
