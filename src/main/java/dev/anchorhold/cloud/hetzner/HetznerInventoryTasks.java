package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.TaskLoop;
import dev.anchorhold.cloud.UnknownOutcomes;
import dev.anchorhold.cloud.Urgency;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The tasks of a Hetzner inventory's loop, in the order in which they run. */
record HetznerInventoryTasks(
        HetznerClient client,
        InventoryContext context,
        Freshness freshness,
        FeedInformer<Server> servers,
        FeedInformer<Firewall> firewalls,
        FeedInformer<Volume> volumes,
        ActionTracker actionTracker,
        PendingActions pending,
        CatalogueCache catalogue,
        UnknownOutcomes unknownOutcomes) {

    List<TaskLoop.Task> all() {
        var feedPoll = new FeedPoll();
        return List.of(
                task("the feeds", feedPoll::due, feedPoll::poll),
                task("the catalogue", catalogue::due, catalogue::read),
                task("the listing", () -> Optional.of(freshness.listingDue(context.now())), this::listAll),
                task("ended servers' actions", () -> listDue(servers), () -> listEnded(servers)),
                task("ended firewalls' actions", () -> listDue(firewalls), () -> listEnded(firewalls)),
                task("ended volumes' actions", () -> listDue(volumes), () -> listEnded(volumes)),
                task("pending actions", actionTracker::due, this::pollActions),
                task("lost answers", unknownOutcomes::due, () -> context.locked(unknownOutcomes::expire)),
                task("changed servers", servers.rereadQueue::due, () -> processRereads(servers)),
                task("changed firewalls", firewalls.rereadQueue::due, () -> processRereads(firewalls)),
                task("changed volumes", volumes.rereadQueue::due, () -> processRereads(volumes)));
    }

    private void processRereads(FeedInformer<?> kind) {
        kind.processRereads();
        context.locked(actionTracker::notifyAfterReads);
    }

    private List<FeedInformer<?>> kinds() {
        return List.of(servers, firewalls, volumes);
    }

    private TaskLoop.Task task(String name, Supplier<Optional<Instant>> due, Runnable work) {
        return new TaskLoop.Task(name, () -> context.locked(due), work);
    }

    /** Polls all feeds at the interval; a poll counts only when all succeeded. A new one is polled now. */
    private final class FeedPoll {
        private Instant next = Instant.MIN;

        Optional<Instant> due() {
            return Optional.of(kinds().stream().anyMatch(FeedInformer::isFeedUnread) ? Instant.MIN : next);
        }

        void poll() {
            var at = context.now();
            boolean gap = false;
            for (var kind : context.locked(
                    () -> kinds().stream().filter(FeedInformer::isEnabled).toList())) gap |= readFeed(kind);
            boolean torn = gap;
            context.locked(() -> {
                freshness.recordFeedRead(at, torn);
                next = at.plus(context.settings.feedInterval());
            });
        }
    }

    private boolean readFeed(FeedInformer<?> kind) {
        var feedRead = kind.readFeed();
        context.locked(() -> {
            feedRead.news().actions().forEach(feedRead.first() ? pending::record : actionTracker::observe);
            if (!feedRead.first()) return;
            kind.markFeedRead();
            freshness.requireListing();
        });
        return feedRead.news().gap();
    }

    private void listAll() {
        var at = context.now();
        boolean routine = context.locked(() -> freshness.whyUnknown(at).isEmpty());
        var urgency = routine ? Urgency.DRIFT : Urgency.DELETION_OR_PERSON;
        for (var kind : kinds()) {
            kind.listAll(urgency, Purpose.BACKSTOP);
            if (!context.locked(kind::isFeedUnread)) continue;
            readFeed(kind); // there are some: from here on what happens to them is followed
            kind.listAll(urgency, Purpose.BACKSTOP);
        }
        context.locked(() -> {
            freshness.recordListing(at);
            context.notifyWaiters();
        });
    }

    private Optional<Instant> listDue(FeedInformer<?> kind) {
        return pending.listDue(kind.cloudResourceType.type(), context.now());
    }

    private void listEnded(FeedInformer<?> kind) {
        var at = context.now();
        for (int page = 1; page != 0; ) {
            var latest = kind.ended(page);
            page = context.locked(() -> actionTracker.ended(latest.items())) ? latest.next() : 0;
        }
        context.locked(() -> pending.listed(kind.cloudResourceType.type(), at));
    }

    private void pollActions() {
        var ids = context.locked(() -> pending.nextToPoll(context.now()));
        for (int from = 0; from < ids.size(); from += HetznerClient.ACTIONS_PER_CALL) {
            var chunk = ids.subList(from, Math.min(ids.size(), from + HetznerClient.ACTIONS_PER_CALL));
            try {
                var answer = client.actions(Urgency.PROVISIONING, Purpose.ACTIONS, chunk);
                context.locked(() -> {
                    answer.found().forEach(actionTracker::observe);
                    answer.missing().forEach(actionTracker::missing);
                });
            } catch (CloudException.NotFound unknown) {
                context.locked(() -> chunk.forEach(actionTracker::missing));
            }
        }
    }
}
