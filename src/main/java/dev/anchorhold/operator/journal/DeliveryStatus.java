package dev.anchorhold.operator.journal;

import java.util.Optional;

/**
 * How far an object's journal is delivered to the books, and what keeps the rest.
 *
 * @param delivered up to which sequence this process knows it to be delivered; 0 for none
 * @param failure why the rest is not, when that is not just a matter of moments
 */
public record DeliveryStatus(long delivered, Optional<String> failure) {
    public static final DeliveryStatus NEW = new DeliveryStatus(0, Optional.empty());
}
