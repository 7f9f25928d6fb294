package dev.anchorhold.operator.journal;

import dev.anchorhold.ledger.event.OpenResourcePage;
import dev.anchorhold.ledger.event.ResourceEnding;
import dev.anchorhold.operator.door.CompanionClient;
import java.util.Optional;

/**
 * Client of what the operator asks of the books besides delivering journals: what is open in them, and the end of what
 * has no journal any more. Empty in an installation without a companion. Errors are {@link CompanionClient}'s.
 */
public record Books(Optional<CompanionClient> companion) {
    private static final String FIRST = "00000000-0000-0000-0000-000000000000";

    /** @param after the UID of the last one that was read; empty for the first page */
    public OpenResourcePage openResources(Optional<String> after) {
        var client = companion.orElseThrow();
        return client.exchange(
                "GET",
                client.url("internal/v1/open-resources")
                        .addQueryParameter("after", after.orElse(FIRST))
                        .build(),
                null,
                CompanionClient.CALL_TIMEOUT,
                OpenResourcePage.class);
    }

    /** Once it returns the books have it; nothing where there are none. */
    public void end(ResourceEnding ending) {
        companion.ifPresent(
                client -> client.send("POST", client.url("internal/v1/endings").build(), ending));
    }
}
