package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.State;
import java.util.Comparator;

/** What has one price in the price list: a kind of resource in a region, a size and a state. */
record Product(Kind product, String region, String size, State state) implements Comparable<Product> {
    private static final Comparator<Product> ORDER = Comparator.comparing(Product::product)
            .thenComparing(Product::region)
            .thenComparing(Product::size)
            .thenComparing(Product::state);

    @Override
    public int compareTo(Product other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return "%s, %s, %s, %s".formatted(product, region, size, state);
    }
}
