package dev.anchorhold.operator;

import dev.anchorhold.operator.journal.Courier;

/** What the courier hears of objects goes to those whom it concerns: reconcilers that wait, and people. */
record BooksNews(Fleet fleet, Events events) implements Courier.Listener {

    @Override
    public void ended(String uid) {
        fleet.owner(uid).ifPresent(fleet::wake);
    }

    @Override
    public void refused(String uid, String why) {
        fleet.owner(uid).ifPresent(o -> events.warning(o, "JournalRefused", "Deliver", why));
    }
}
