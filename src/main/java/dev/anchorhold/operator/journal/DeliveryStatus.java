package dev.anchorhold.operator.journal;

import java.util.Optional;

/**
 * How an object's journal stands with the books.
 *
 * @param delivered up to which sequence this process knows it to be delivered; 0 for none
 * @param trouble why the rest is not, when that is not just a matter of moments
 */
public record DeliveryStatus(long delivered, Optional<String> failure) {
    public static final DeliveryStatus NEW = new DeliveryStatus(0, Optional.empty());
}
