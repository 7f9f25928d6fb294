package dev.anchorhold.ledger.event;

import dev.anchorhold.platform.InvalidField;
import java.util.List;

/** What one call brings: {@code POST /internal/v1/journals}. Each resource at most once. It may be brought again: that changes nothing. */
public record Delivery(List<Journal> journals) {
    /** Entries in one call, of all resources together. */
    public static final int MOST = 1_000;

    public Delivery {
        InvalidField.unless(journals != null, "journals", "must be given");
        journals = List.copyOf(journals);
        InvalidField.unless(
                journals.stream().mapToInt(j -> j.entries().size()).sum() <= MOST,
                "journals",
                "may have %d entries in all".formatted(MOST));
        InvalidField.unless(
                journals.stream().map(j -> j.subject().uid()).distinct().count() == journals.size(),
                "journals",
                "must name each resource once");
    }
}
