package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.Delivery;
import dev.anchorhold.ledger.event.Receipt;
import dev.anchorhold.operator.door.CompanionClient;

/** Brings journals to the books; errors are {@link CompanionClient}'s. Bringing them again changes nothing. */
public final class BooksClient {
    private final CompanionClient companion;

    public BooksClient(CompanionClient companion) {
        this.companion = companion;
    }

    Receipt deliver(Delivery delivery) {
        return companion.ask(
                "POST", companion.at("internal/v1/journals").build(), delivery, CompanionClient.CALL, Receipt.class);
    }
}
