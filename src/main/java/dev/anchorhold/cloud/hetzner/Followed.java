package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Kind;
import dev.anchorhold.cloud.Page;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.Watched;

/** A kind under watch for which the cloud has a feed of actions. */
final class Followed<T> extends Watched<Long, T> {
    private final ActionFeed feed = new ActionFeed();
    private final Pages pages;
    private boolean heard;

    /** A page of the feed. */
    interface Pages {
        Page<Action> look(Urgency urgency, Purpose purpose, int page);
    }

    Followed(Kind<Long, T> kind, Pages pages, Shared shared) {
        super(kind, shared);
        this.pages = pages;
    }

    /** What is new in the feed. A first look has no news but what happened {@code before}. */
    record Look(ActionFeed.News news, boolean first) {}

    Look look() {
        if (feed.begun()) return new Look(feed.look(this::page), false);
        return new Look(new ActionFeed.News(feed.begin(this::page), false), true);
    }

    private Page<Action> page(int number) {
        return pages.look(Urgency.DELETION_OR_PERSON, Purpose.FEED, number);
    }

    /** Under the lock: its feed was looked at for the first time. */
    void heard() {
        heard = true;
    }

    /** Under the lock: what happens to it is to be known, and is not yet. */
    boolean isUnheard() {
        return isFollowed() && !heard;
    }
}
