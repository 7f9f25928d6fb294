package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Urgency;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What an inventory's loop has to do, in the order in which it does it. */
record InventoryChores(
        HetznerClient client,
        Shared shared,
        Freshness freshness,
        Watched<Server> servers,
        Watched<Firewall> firewalls,
        Happenings happenings,
        PendingActions pending,
        CatalogueShelf catalogue,
        Runnable lookForLost,
        Supplier<Optional<Instant>> lostDue) {

    List<Loop.Chore> all() {
        var feeds = new Feeds();
        return List.of(
                chore("the feeds", feeds::due, feeds::look),
                chore("the catalogue", catalogue::due, catalogue::read),
                chore("the listing", () -> Optional.of(freshness.listingDue(shared.now())), this::listAll),
                chore("pending actions", happenings::due, this::askForActions),
                chore("lost answers", lostDue, lookForLost),
                chore("changed servers", servers.rereads::due, () -> readAgain(servers)),
                chore("changed firewalls", firewalls.rereads::due, () -> readAgain(firewalls)));
    }

    private void readAgain(Watched<?> kind) {
        kind.readAgain();
        shared.locked(happenings::tellOfReads);
    }

    private Loop.Chore chore(String name, Supplier<Optional<Instant>> due, Runnable work) {
        return new Loop.Chore(name, () -> shared.locked(due), work);
    }

    /** Both feeds at the interval; the look counts only when both succeeded. */
    private final class Feeds {
        private Instant next = Instant.MIN;

        Optional<Instant> due() {
            return Optional.of(next);
        }

        void look() {
            var at = shared.now();
            boolean gap = look(servers) | look(firewalls);
            shared.locked(() -> {
                freshness.looked(at, gap);
                next = at.plus(shared.settings.feed());
            });
        }

        private boolean look(Watched<?> kind) {
            IntFunction<Page<Action>> pages =
                    page -> kind.kind.feed().look(Urgency.DELETION_OR_PERSON, Purpose.FEED, page);
            if (!kind.feed.begun()) {
                var old = kind.feed.begin(pages);
                shared.locked(() -> {
                    old.forEach(pending::learn);
                    freshness.wantListing();
                });
                return false;
            }
            var news = kind.feed.look(pages);
            shared.locked(() -> news.actions().forEach(happenings::news));
            return news.gap();
        }
    }

    private void listAll() {
        var at = shared.now();
        boolean routine = shared.locked(() -> freshness.doubt(at).isEmpty());
        var urgency = routine ? Urgency.DRIFT : Urgency.DELETION_OR_PERSON;
        servers.listAll(urgency);
        firewalls.listAll(urgency);
        shared.locked(() -> {
            freshness.listed(at);
            shared.wakeWaiting();
        });
    }

    private void askForActions() {
        var ids = shared.locked(() -> pending.round(shared.now()));
        for (int from = 0; from < ids.size(); from += HetznerClient.ACTIONS_PER_CALL) {
            var chunk = ids.subList(from, Math.min(ids.size(), from + HetznerClient.ACTIONS_PER_CALL));
            try {
                var answer = client.actions(Urgency.PROVISIONING, Purpose.ACTIONS, chunk);
                shared.locked(() -> {
                    answer.found().forEach(happenings::news);
                    answer.missing().forEach(happenings::lost);
                });
            } catch (CloudException.NotFound unknown) {
                shared.locked(() -> chunk.forEach(happenings::lost));
            }
        }
    }
}
