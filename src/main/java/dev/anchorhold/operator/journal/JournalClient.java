package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.DeliveryResult;
import dev.anchorhold.ledger.event.RecordedResource;
import dev.anchorhold.operator.door.CompanionClient;

/** Client of the companion's journal endpoint; errors are {@link CompanionClient}'s. Delivery is idempotent. */
public final class JournalClient {
    private final CompanionClient companion;

    public JournalClient(CompanionClient companion) {
        this.companion = companion;
    }

    DeliveryResult deliver(Delivery delivery) {
        return companion.exchange(
                "POST",
                companion.url("internal/v1/journals").build(),
                delivery,
                CompanionClient.CALL_TIMEOUT,
                DeliveryResult.class);
    }

    RecordedResource recorded(String uid) {
        return companion.exchange(
                "GET",
                companion.url("internal/v1/journals").addPathSegment(uid).build(),
                null,
                CompanionClient.CALL_TIMEOUT,
                RecordedResource.class);
    }
}
