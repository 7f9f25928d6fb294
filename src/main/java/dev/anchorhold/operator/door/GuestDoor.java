package dev.anchorhold.operator.door;

import java.net.URI;
import java.util.Optional;

/** Connection to the guest door: client, inventory, and the URL for guests; empty where none is configured. */
public record GuestDoor(Optional<Connection> connection) implements AutoCloseable {

    /** @param guestUrl what guests dial: it is written into their servers' user data */
    public record Connection(DoorClient client, DoorInventory inventory, URI guestUrl) {}

    public void start() {
        connection.ifPresent(o -> o.inventory.start());
    }

    @Override
    public void close() {
        connection.ifPresent(o -> o.inventory.close());
    }
}
