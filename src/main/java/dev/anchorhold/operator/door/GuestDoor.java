package dev.anchorhold.operator.door;

import java.net.URI;
import java.util.Optional;

/** The guest door, as the operator and as guests reach it; nothing where the operator was not told where it is. */
public record GuestDoor(Optional<Connection> connection) implements AutoCloseable {

    /** @param forGuests what guests dial: it is written into their servers' user data */
    public record Connection(DoorClient client, DoorInventory inventory, URI guestUrl) {}

    public void start() {
        connection.ifPresent(o -> o.inventory.start());
    }

    @Override
    public void close() {
        connection.ifPresent(o -> o.inventory.close());
    }
}
