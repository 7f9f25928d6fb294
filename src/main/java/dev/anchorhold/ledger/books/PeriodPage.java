package dev.anchorhold.ledger.books;

import java.util.List;
import java.util.Optional;

/** @param next where the next page begins; empty when this is the last one for now */
public record PeriodPage<T>(List<T> items, Optional<Long> next) {
    public PeriodPage {
        items = List.copyOf(items);
    }
}
