package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Loop;
import dev.anchorhold.cloud.LostAnswers;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Urgency;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What an inventory's loop has to do, in the order in which it does it. */
record InventoryChores(
        HetznerClient client,
        Shared shared,
        Freshness freshness,
        Followed<Server> servers,
        Followed<Firewall> firewalls,
        Followed<Volume> volumes,
        Happenings happenings,
        PendingActions pending,
        CatalogueShelf catalogue,
        LostAnswers lost) {

    List<Loop.Chore> all() {
        var feeds = new Feeds();
        return List.of(
                chore("the feeds", feeds::due, feeds::look),
                chore("the catalogue", catalogue::due, catalogue::read),
                chore("the listing", () -> Optional.of(freshness.listingDue(shared.now())), this::listAll),
                chore("pending actions", happenings::due, this::askForActions),
                chore("lost answers", lost::due, () -> shared.locked(lost::settle)),
                chore("changed servers", servers.rereads::due, () -> readAgain(servers)),
                chore("changed firewalls", firewalls.rereads::due, () -> readAgain(firewalls)),
                chore("changed volumes", volumes.rereads::due, () -> readAgain(volumes)));
    }

    private void readAgain(Followed<?> kind) {
        kind.readAgain();
        shared.locked(happenings::tellOfReads);
    }

    private List<Followed<?>> kinds() {
        return List.of(servers, firewalls, volumes);
    }

    private Loop.Chore chore(String name, Supplier<Optional<Instant>> due, Runnable work) {
        return new Loop.Chore(name, () -> shared.locked(due), work);
    }

    /** All feeds at the interval; the look counts only when all succeeded. One that is new is looked at now. */
    private final class Feeds {
        private Instant next = Instant.MIN;

        Optional<Instant> due() {
            return Optional.of(kinds().stream().anyMatch(Followed::isUnheard) ? Instant.MIN : next);
        }

        void look() {
            var at = shared.now();
            boolean gap = false;
            for (var kind : shared.locked(
                    () -> kinds().stream().filter(Followed::isFollowed).toList())) gap |= lookAt(kind);
            boolean torn = gap;
            shared.locked(() -> {
                freshness.looked(at, torn);
                next = at.plus(shared.settings.feed());
            });
        }
    }

    private boolean lookAt(Followed<?> kind) {
        var look = kind.look();
        shared.locked(() -> {
            look.news().actions().forEach(look.first() ? pending::learn : happenings::news);
            if (!look.first()) return;
            kind.heard();
            freshness.wantListing();
        });
        return look.news().gap();
    }

    private void listAll() {
        var at = shared.now();
        boolean routine = shared.locked(() -> freshness.doubt(at).isEmpty());
        var urgency = routine ? Urgency.DRIFT : Urgency.DELETION_OR_PERSON;
        for (var kind : kinds()) {
            kind.listAll(urgency, Purpose.BACKSTOP);
            if (!shared.locked(kind::isUnheard)) continue;
            lookAt(kind); // there are some: from here on what happens to them is followed
            kind.listAll(urgency, Purpose.BACKSTOP);
        }
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
