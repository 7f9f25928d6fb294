package dev.anchorhold.ledger.event;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * What the ledger has of a resource: the answer of {@code GET /internal/v1/journals/UID}.
 *
 * @param subject as it was recorded; null when the ledger does not know it
 * @param last its newest entry; null likewise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecordedResource(Subject subject, LedgerEntry last) {
    public static final RecordedResource NONE = new RecordedResource(null, null);
}
