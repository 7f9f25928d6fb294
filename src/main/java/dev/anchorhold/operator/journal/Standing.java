package dev.anchorhold.operator.journal;

import java.util.Optional;

/**
 * How an object's journal stands with the books.
 *
 * @param delivered up to which sequence this process knows it to be delivered; 0 for none
 * @param trouble why the rest is not, when that is not just a matter of moments
 */
public record Standing(long delivered, Optional<String> trouble) {
    public static final Standing NEW = new Standing(0, Optional.empty());
}
