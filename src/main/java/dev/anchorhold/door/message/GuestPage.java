package dev.anchorhold.door.message;

import dev.anchorhold.platform.InvalidFieldException;
import java.util.List;

/**
 * A page of the guests' feed: those that changed after the cursor that was asked for, each as it is now, oldest change first.
 *
 * @param cursor where to go on
 * @param complete whether there was nothing more at that instant
 */
public record GuestPage(long cursor, boolean complete, List<Guest> guests) {
    public GuestPage {
        InvalidFieldException.requirePresent(guests, "guests");
        guests = List.copyOf(guests);
    }
}
