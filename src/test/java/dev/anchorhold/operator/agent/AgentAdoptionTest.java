package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentObservationBuilder.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.cloud.hetzner.Server.Status;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.operator.adoption.AdoptionObservation;
import dev.anchorhold.operator.adoption.AdoptionStep;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.operator.journal.JournalLines;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests of an Agent that takes over what its predecessor left, and is not frozen yet, as a table of observations. */
class AgentAdoptionTest {
    private static final String OLD = "0a1b2c3d-7a3e-4a53-9b0f-0d4b1a2c3e4f";
    private static final AgentStep TAKE = new OnAdoption(new AdoptionStep.TakeServer(SERVER, OLD));
    private static final Instant BEGAN = NOW.minusSeconds(60);
    private static final Adoption BEGUN = new Adoption(OLD, StatusJournal.format(BEGAN), "Running", null, false);

    @Test
    void H09_the_books_can_be_told_of_it_before_it_is_frozen() {
        assertThat(decide(adopting(null, TAKE)))
                .returns(OLD, s -> s.adoption().from())
                .returns("eu", AgentStatus::region)
                .returns("small", AgentStatus::size);

        var seen = adopting(BEGUN).server(Status.RUNNING);
        var after = seen.build().agent();
        after.setStatus(decide(seen));
        assertThat(after.getStatus().journal())
                .extracting(e -> e.event() + " " + e.state())
                .containsExactly("provision Running");
        assertThat(AgentJournal.subject(after))
                .isEqualTo(new Subject(Kind.Agent, UID, "default", "coder", "eu", "small"));
    }

    @Test
    void H03_a_guest_that_was_taken_over_loses_its_rights_though_its_agent_never_was_frozen() {
        var plan = AgentDecider.decide(new AgentObservationBuilder()
                .notFrozen()
                .status(s -> s.putPOJO("adoption", BEGUN.complete(true)))
                .deleting()
                .build());
        assertThat(plan.steps()).containsExactly(new RevokeGuest(), new ConfirmGone());
    }

    @Test
    void H09_what_somebody_let_go_of_is_billed_from_its_adoption_on() {
        var letGo = new Adoption(OLD, StatusJournal.format(BEGAN), null, true, true);
        assertThat(entries(new AgentObservationBuilder()
                        .delivery()
                        .made(NOW.minusSeconds(7200))
                        .whole()
                        .status(s -> s.putPOJO("adoption", letGo))))
                .containsExactly("1 11:59:00.000000 provision Running acme");

        var later = new Adoption(OLD, StatusJournal.format(NOW.plusSeconds(5)), null, true, true);
        assertThat(entries(new AgentObservationBuilder()
                        .delivery()
                        .prepared()
                        .annotated(ApiNames.PAUSED)
                        .status(s -> s.putPOJO("adoption", later))))
                .as("its volume alone")
                .containsExactly("1 12:00:05.000000 provision Paused acme");
    }

    @Test
    void H09_an_entry_that_was_told_before_its_adoption_was_on_record_stays_as_it_was_told() {
        var told = new StatusJournal(List.of()).provision(BEGAN, State.Running, "other", "somebody else");
        assertThat(decide(adopting(BEGUN).server(Status.RUNNING).status(s -> s.putPOJO("journal", told.entries()))))
                .returns(BEGUN.complete(true), AgentStatus::adoption)
                .returns(told.entries(), AgentStatus::journal);
    }

    // ----

    private static AgentObservationBuilder adopting(Adoption begun, AgentStep... left) {
        return new AgentObservationBuilder()
                .delivery()
                .notFrozen()
                .status(s -> s.putPOJO("adoption", begun))
                .adoption(new AdoptionObservation<>(
                        new AdoptionObservation.Wanted("Agent", "acme", null, null), // a clone's
                        OLD,
                        Optional.ofNullable(begun),
                        Optional.empty(),
                        List.of(),
                        List.of(new AdoptionObservation.Left<>(
                                "server", true, new Sighting.Seen<>(List.of(left), NOW))),
                        List.of(),
                        true,
                        true,
                        Optional.of(new RecordedResource(
                                new Subject(Kind.Agent, OLD, "default", "coder", "eu", "small"),
                                new LedgerEntry(7, BEGAN, EventType.START, State.Running, "acme", null, null))),
                        new DeliveryStatus(8, Optional.empty())));
    }

    private static AgentStatus decide(AgentObservationBuilder seen) {
        return AgentDecider.decide(seen.build()).status().orElseThrow();
    }

    private static List<String> entries(AgentObservationBuilder seen) {
        return decide(seen).journal().stream().map(JournalLines::of).toList();
    }
}
