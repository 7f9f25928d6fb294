package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Kind;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Page;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Shared;
import dev.anchorhold.cloud.Urgency;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** What an inventory of Hetzner's watches. */
record Kinds(HetznerClient client, Shared shared, PendingActions pending) {
    /** So many uids fit into one selector without an overlong URL. */
    private static final int UIDS_PER_LIST = 50;

    private interface Selected<T> {
        Page<T> list(Urgency urgency, Purpose purpose, String selector, int page);
    }

    Followed<Server> servers() {
        Kind<Long, Server> kind = kind(
                "server",
                Server::id,
                Server::labels,
                it -> it.changing() && !pending.concern(it.id(), "server"),
                client::getServer,
                client::listServers);
        return new Followed<>(kind, client::serverActions, shared);
    }

    Followed<Firewall> firewalls() {
        Kind<Long, Firewall> kind = kind(
                "firewall", Firewall::id, Firewall::labels, _ -> false, client::getFirewall, client::listFirewalls);
        return new Followed<>(kind, client::firewallActions, shared);
    }

    Followed<Volume> volumes() {
        var calls = client.volumes();
        Kind<Long, Volume> kind = kind(
                "volume",
                Volume::id,
                Volume::labels,
                it -> it.changing() && !pending.concern(it.id(), "volume"),
                calls::get,
                calls::list);
        return new Followed<>(kind, calls::actions, shared);
    }

    /** {@code type} is the API's word in an action's resources. */
    private <T> Kind<Long, T> kind(
            String type,
            Function<T, Long> id,
            Function<T, Map<String, String>> labels,
            Predicate<T> unsettled,
            Kind.One<Long, T> get,
            Selected<T> list) {
        return new Kind<>(
                type,
                "our labels",
                id,
                it -> Ownership.isOurs(labels.apply(it), shared.installation),
                it -> labels.apply(it).getOrDefault(Ownership.UID, ""),
                unsettled,
                get,
                (urgency, purpose, uids, page) -> list.list(
                        urgency,
                        purpose,
                        uids == null
                                ? Ownership.selector(shared.installation)
                                : Ownership.selector(shared.installation, uids),
                        page),
                UIDS_PER_LIST);
    }
}
