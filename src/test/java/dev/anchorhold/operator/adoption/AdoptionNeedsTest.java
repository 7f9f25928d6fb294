package dev.anchorhold.operator.adoption;

import static dev.anchorhold.resource.Reasons.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.adoption.AdoptionNeeds.Result;
import dev.anchorhold.operator.adoption.AdoptionObservation.Left;
import dev.anchorhold.operator.adoption.AdoptionObservation.Wanted;
import dev.anchorhold.operator.adoption.AdoptionStep.*;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.resource.Adoption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How far an adoption is, as a table: what is known, and what follows. */
class AdoptionNeedsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String OLD = "5d1c5d64-7a3e-4a53-9b0f-0d4b1a2c3e4f";
    private static final AdoptionStep SERVER = new TakeServer(1, OLD);
    private static final AdoptionStep VOLUME = new TakeVolume(2, OLD);

    private String from = OLD;
    private Adoption onRecord;
    private String obstacle;
    private Sighting<List<String>> own = new Sighting.Absent<>(NOW);
    private Sighting<List<AdoptionStep>> servers = new Sighting.Seen<>(List.of(SERVER), NOW);
    private Sighting<List<AdoptionStep>> volumes = new Sighting.Seen<>(List.of(VOLUME), NOW);
    private boolean books = true;
    private RecordedResource recorded = recorded(Kind.Agent, "acme", "small", NOW.minusSeconds(60), EventType.START);
    private DeliveryStatus end = DeliveryStatus.NEW;

    private static RecordedResource recorded(Kind kind, String account, String size, Instant at, EventType event) {
        return new RecordedResource(
                new Subject(kind, OLD, "default", "coder", "eu", size),
                new LedgerEntry(7, at, event, event == EventType.DESTROY ? null : State.Running, account, null, null));
    }

    private Result<AdoptionStep> next() {
        return AdoptionNeeds.next(
                new AdoptionObservation<>(
                        new Wanted("Agent", "acme", "eu", "small"),
                        from,
                        Optional.ofNullable(onRecord),
                        Optional.ofNullable(obstacle),
                        List.of(new Left<>("server", true, own)),
                        List.of(new Left<>("server", true, servers), new Left<>("volume", true, volumes)),
                        List.of(),
                        null,
                        books,
                        Optional.ofNullable(recorded),
                        end),
                NOW,
                (reason, message, step) -> Need.act(reason, message, step),
                step -> step);
    }

    private void refused(String... words) {
        var next = next();
        assertThat(next.toRecord()).isEmpty();
        assertThat(next.need()).returns(ADOPTION_REFUSED, Need::reason).returns(List.of(), Need::steps);
        assertThat(next.need().message()).contains(words);
    }

    @Test
    void H09_it_begins_by_what_is_on_record_and_with_nothing_else() {
        var next = next();
        assertThat(next.need().steps()).isEmpty();
        assertThat(next.toRecord()).contains(new Adoption(OLD, "2026-11-24T12:00:00.000000Z", "Running", null, false));
    }

    @Test
    void H09_its_instant_is_never_before_what_the_books_have_already() {
        recorded = recorded(Kind.Agent, "acme", "small", NOW.plusSeconds(5), EventType.START);
        assertThat(next().toRecord().orElseThrow().at()).isEqualTo("2026-11-24T12:00:05.000000Z");
    }

    @Test
    void H09_it_is_refused_where_the_predecessor_is_another_or_lives_or_left_nothing() {
        obstacle = "it is still there";
        refused("it is still there");
        obstacle = null;
        from = "web";
        refused("'web' is no UID");
        from = OLD;
        own = new Sighting.Seen<>(List.of("server 9"), NOW);
        refused("things of its own", "server 9");
        own = new Sighting.Absent<>(NOW);
        servers = new Sighting.Seen<>(List.of(SERVER, new TakeServer(3, OLD)), NOW);
        refused("several servers");
        servers = new Sighting.Absent<>(NOW);
        volumes = new Sighting.Absent<>(NOW);
        refused("nothing of this installation's");
        volumes = new Sighting.Seen<>(List.of(VOLUME), NOW);
        recorded = recorded(Kind.PlainVm, "acme", "small", NOW, EventType.START);
        refused("it was a PlainVm");
        recorded = recorded(Kind.Agent, "bob", "small", NOW, EventType.START);
        refused("another account than 'acme'");
        recorded = recorded(Kind.Agent, "acme", "large", NOW, EventType.START);
        refused("of size 'large'");
    }

    @Test
    void H09_what_the_books_do_not_know_is_refused_and_they_are_asked_again_until_their_database_is_restored() {
        recorded = RecordedResource.NONE;
        assertThat(next().toRecord()).isEmpty();
        var again = new AskBooks(OLD, true);
        assertThat(next().need()).returns(ADOPTION_REFUSED, Need::reason).returns(List.of(again), Need::steps);
        assertThat(next().need().message()).contains("the books do not know it");
        assertThat(next().need().rescheduleAfter()).isPresent();
        assertThat(again.isPolled()).as("not at once").isTrue();
        recorded = recorded(Kind.Agent, "acme", "small", NOW, EventType.START);
        assertThat(next().toRecord()).isPresent();
    }

    @Test
    void H09_what_is_not_known_is_waited_for_and_the_books_are_asked_once_they_are_needed() {
        volumes = new Sighting.Unknown<>("not listed yet", NOW);
        assertThat(next().need()).returns(INVENTORY_STALE, Need::reason);
        volumes = new Sighting.Seen<>(List.of(VOLUME), NOW);
        own = new Sighting.Unknown<>("not listed yet", NOW);
        assertThat(next().need()).returns(INVENTORY_STALE, Need::reason);
        own = new Sighting.Absent<>(NOW);
        recorded = null;
        assertThat(next().need().steps()).containsExactly(new AskBooks(OLD, false));
        books = false;
        assertThat(next().toRecord()).isPresent();
    }

    @Test
    void H09_all_is_taken_then_the_books_are_told_and_then_it_is_complete() {
        onRecord = new Adoption(OLD, "2026-11-24T11:59:00.000000Z", "Running", null, false);
        own = new Sighting.Seen<>(List.of("server 1"), NOW); // what it took before the process died
        servers = new Sighting.Absent<>(NOW);
        assertThat(next().need().steps()).containsExactly(VOLUME);
        volumes = new Sighting.Absent<>(NOW);
        assertThat(next().need().steps()).containsExactly(new EndPredecessor(OLD));
        end = new DeliveryStatus(0, Optional.of("they refuse"));
        assertThat(next().need())
                .returns(JOURNAL_UNDELIVERED, Need::reason)
                .returns(List.of(new EndPredecessor(OLD)), Need::steps);
        end = new DeliveryStatus(8, Optional.empty());
        assertThat(next().toRecord()).contains(onRecord.complete(null));
        end = DeliveryStatus.NEW; // died after it, and asked again
        recorded = recorded(Kind.Agent, "acme", "small", NOW, EventType.DESTROY);
        assertThat(next().toRecord()).contains(onRecord.complete(null));
    }

    @Test
    void H09_what_somebody_let_go_of_is_taken_without_a_second_end() {
        recorded = recorded(Kind.Agent, "acme", "small", NOW, EventType.DESTROY);
        assertThat(next().toRecord().orElseThrow().state()).isNull();
    }
}
