package dev.anchorhold.operator.door;

import java.net.URI;
import java.util.Optional;

/** The guest door, as the operator and as guests reach it; nothing where the operator was not told where it is. */
public record GuestDoor(Optional<Open> open) implements AutoCloseable {

    /** @param forGuests what guests dial: it is written into their servers' user data */
    public record Open(DoorClient client, DoorInventory inventory, URI forGuests) {}

    public void start() {
        open.ifPresent(o -> o.inventory.start());
    }

    @Override
    public void close() {
        open.ifPresent(o -> o.inventory.close());
    }
}
