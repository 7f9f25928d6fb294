package dev.anchorhold.operator.adoption;

import dev.anchorhold.cloud.Sighting;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.operator.journal.DeliveryStatus;
import dev.anchorhold.resource.Adoption;
import java.util.List;
import java.util.Optional;

/**
 * Input of {@link AdoptionNeeds}: all that is known of an adoption at one instant, gathered without a call.
 *
 * @param <S> the kind's steps
 * @param wanted the object that adopts
 * @param from the predecessor's UID, as requested or on record
 * @param onRecord the adoption that the object's status has; empty before it began
 * @param obstacle why it must not be begun, whatever the clouds hold: who else has the predecessor's UID, or claims it
 * @param own what the object itself has in the clouds
 * @param left what the predecessor left, by kind
 * @param further what else has yet to be done, which is no sign that the predecessor left anything
 * @param guestKept whether the predecessor's guest goes on, once that is settled; null for a kind without guests
 * @param hasBooks there are books
 * @param recorded what these have of the predecessor, once they were asked
 * @param endDelivery how far the predecessor's end is delivered to them
 */
public record AdoptionObservation<S>(
        Wanted wanted,
        String from,
        Optional<Adoption> onRecord,
        Optional<String> obstacle,
        List<Left<String>> own,
        List<Left<S>> left,
        List<S> further,
        Boolean guestKept,
        boolean hasBooks,
        Optional<RecordedResource> recorded,
        DeliveryStatus endDelivery) {

    /** The object that adopts, as the books will know it. {@code region} and {@code size} are null where its spec leaves them to be found. */
    public record Wanted(String kind, String account, String region, String size) {}

    /**
     * Things of one type that bear the predecessor's mark.
     *
     * @param what their name in messages
     * @param single there can be only one of them
     * @param steps the step for each by which it is taken over
     */
    public record Left<S>(String what, boolean single, Sighting<List<S>> steps) {}
}
