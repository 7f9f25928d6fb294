package dev.anchorhold.ledger.books;

import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import java.util.Comparator;

/**
 * What has one price in the price list: a kind of resource in a region, a size and a state; or a GiB of volumes in a region.
 *
 * @param state null for a volume, which costs the same in any
 */
public record Product(Type product, String region, String size, State state) implements Comparable<Product> {
    private static final String GIB = "GiB";
    private static final Comparator<Product> ORDER = Comparator.comparing(Product::product)
            .thenComparing(Product::region)
            .thenComparing(Product::size)
            .thenComparing(Product::state, Comparator.nullsLast(Comparator.naturalOrder()));

    /** The kinds of resources, by their names, and what they hold. */
    public enum Type {
        Agent,
        PlainVm,
        Volume
    }

    static Product of(Subject subject, State state) {
        return new Product(Type.valueOf(subject.kind().name()), subject.region(), subject.size(), state);
    }

    static Product volume(String region) {
        return new Product(Type.Volume, region, GIB, null);
    }

    @Override
    public int compareTo(Product other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return state == null
                ? "%s, %s".formatted(product, region)
                : "%s, %s, %s, %s".formatted(product, region, size, state);
    }
}
