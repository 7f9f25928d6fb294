package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidFieldException;
import java.util.List;

/**
 * The body of {@code POST /internal/v1/journals}: journals of resources, each resource at most once. A delivery may be repeated:
 * that changes nothing.
 */
public record Delivery(List<ResourceJournal> journals) {
    /** Entries in one call, of all resources together. */
    public static final int MAX_ENTRIES = 1_000;

    public Delivery {
        InvalidFieldException.require(journals != null, "journals", "must be given");
        journals = List.copyOf(journals);
        InvalidFieldException.require(
                journals.stream().mapToInt(j -> j.entries().size()).sum() <= MAX_ENTRIES,
                "journals",
                "may have %d entries in all".formatted(MAX_ENTRIES));
        InvalidFieldException.require(
                journals.stream().map(j -> j.subject().uid()).distinct().count() == journals.size(),
                "journals",
                "must name each resource once");
    }
}
