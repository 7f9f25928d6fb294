package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.books.BooksAudit.Difference;
import java.util.ArrayList;
import java.util.List;

/** What an audit found: how many differences, and the first of them. Not all: there can be more than a companion has memory for. */
public final class Differences {
    /** How many are kept, to be told to a person. */
    static final int MAX_KEPT = 20;

    private final List<Difference> first = new ArrayList<>();
    private long count;

    void add(Difference difference) {
        add(List.of(difference), 1);
    }

    /** @param count of how many these are the first */
    void add(List<Difference> some, long count) {
        some.stream().limit(MAX_KEPT - first.size()).forEach(first::add);
        this.count += count;
    }

    public long count() {
        return count;
    }

    public List<Difference> first() {
        return List.copyOf(first);
    }
}
