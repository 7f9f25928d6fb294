package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudInformer;
import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.CloudResourceType;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;

/** Informer of a resource type for which the cloud has a feed of actions. */
final class FeedInformer<T> extends CloudInformer<Long, T> {
    private static final int FEWEST_PAGES = 20;

    private final ActionFeed feed = new ActionFeed();
    private final FeedPages pages;
    private boolean feedRead;

    /** A page of the feed. */
    interface FeedPages {
        CloudPage<Action> page(Urgency urgency, Purpose purpose, ActionSort actionSort, int page);
    }

    FeedInformer(CloudResourceType<Long, T> cloudResourceType, FeedPages pages, InventoryContext inventoryContext) {
        super(cloudResourceType, inventoryContext);
        this.pages = pages;
    }

    /** What is new in the feed; {@code first} when it was read for the first time. */
    record FeedRead(ActionFeed.NewActions news, boolean first) {}

    FeedRead readFeed() {
        if (feed.started()) return new FeedRead(feed.poll(this::page, mostPages()), false);
        return new FeedRead(new ActionFeed.NewActions(feed.start(this::page), false), true);
    }

    /** As many as it would take to list all anew, which is what a gap in the feed leads to. */
    private int mostPages() {
        return Math.max(FEWEST_PAGES, context.locked(store::size) / HetznerRequests.PER_PAGE);
    }

    private CloudPage<Action> page(int number) {
        return pages.page(Urgency.DELETION_OR_PERSON, Purpose.FEED, ActionSort.STARTED, number);
    }

    /** What ended last: a page of the feed in that order. */
    CloudPage<Action> ended(int number) {
        return pages.page(Urgency.PROVISIONING, Purpose.ACTIONS, ActionSort.FINISHED, number);
    }

    /** Under the lock: its feed was read for the first time. */
    void markFeedRead() {
        feedRead = true;
    }

    /** Under the lock: what happens to it is to be known, and is not yet. */
    boolean isFeedUnread() {
        return isEnabled() && !feedRead;
    }
}
