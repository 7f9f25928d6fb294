package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidField;
import java.util.List;

/**
 * A page of the guests' feed: those that changed after the cursor that was asked for, each as it is now, oldest change first.
 *
 * @param cursor where to go on
 * @param complete whether there was nothing more at that instant
 */
public record Guests(long cursor, boolean complete, List<Guest> guests) {
    public Guests {
        InvalidField.present(guests, "guests");
        guests = List.copyOf(guests);
    }
}
