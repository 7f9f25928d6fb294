package dev.anchorhold.ledger.event;

import java.util.List;

/** A page of {@code GET /internal/v1/open-resources}, in the order of the UIDs; the last one is {@code complete}. */
public record OpenResourcePage(List<OpenResource> items, boolean complete) {
    public OpenResourcePage {
        items = List.copyOf(items);
    }
}
