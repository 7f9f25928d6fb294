package dev.anchorhold.operator.adoption;

import dev.anchorhold.ledger.event.State;
import dev.anchorhold.operator.journal.FieldManagers;
import dev.anchorhold.operator.journal.FieldManagers.FieldManager;
import dev.anchorhold.operator.journal.StatusJournal;
import dev.anchorhold.resource.Adoption;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.Optional;

/**
 * Begins the journal of an object that has taken over its predecessor's things: at the instant at which that one's
 * period ends, in the same state, so that the books have neither gap nor overlap. Pure.
 */
public final class AdoptedJournal {
    private AdoptedJournal() {}

    /**
     * Begun once: what is on record already was perhaps delivered, alone (StatusWriter#writeJournal), and must not become another.
     *
     * @param before the object's journal as it is on record
     * @param seen the state that it is in where the books had the predecessor in none; empty to begin when it is in one
     * @param volumeGiB what its volumes hold; empty when it has none
     */
    public static StatusJournal begin(
            HasMetadata object,
            StatusJournal before,
            Adoption adoption,
            Optional<State> seen,
            String account,
            Optional<Integer> volumeGiB) {
        if (before.isActive()) {
            return before;
        }
        return Optional.ofNullable(adoption.state())
                .map(State::valueOf)
                .or(() -> seen)
                .map(state -> before.provision(
                        Instant.parse(adoption.at()),
                        state,
                        account,
                        requester(object, "adopted from " + adoption.from()),
                        volumeGiB.orElse(null)))
                .orElse(before);
    }

    /** Whoever made the object, as far as Kubernetes shows it, and why. */
    static String requester(HasMetadata object, String why) {
        return "%s (%s)"
                .formatted(FieldManagers.creator(object).map(FieldManager::name).orElse("nobody known"), why);
    }
}
