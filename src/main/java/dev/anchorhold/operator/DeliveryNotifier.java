package dev.anchorhold.operator;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.journal.JournalDispatcher;
import dev.anchorhold.operator.pipeline.EventRecorder;

/**
 * Passes on what the journal dispatcher reports: enqueues the object that waits for its delivery, and writes the event
 * of a refusal.
 */
record DeliveryNotifier(Fleet fleet, EventRecorder events) implements JournalDispatcher.Listener {

    @Override
    public void destroyRecorded(String uid) {
        fleet.objectOf(uid).ifPresent(fleet::enqueue);
    }

    @Override
    public void refused(String uid, String why) {
        fleet.objectOf(uid).ifPresent(o -> events.warning(o, "JournalRefused", "Deliver", why));
    }
}
