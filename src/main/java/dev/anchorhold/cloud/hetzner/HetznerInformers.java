package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.CloudResourceType;
import dev.anchorhold.cloud.InventoryContext;
import dev.anchorhold.cloud.Ownership;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** The resource types that a Hetzner inventory keeps: servers, firewalls and volumes. */
record HetznerInformers(HetznerClient client, InventoryContext context, PendingActions pending) {
    /** So many uids fit into one selector without an overlong URL. */
    private static final int UIDS_PER_LIST = 50;

    private interface LabelLister<T> {
        CloudPage<T> list(Urgency urgency, Purpose purpose, String selector, int page);
    }

    FeedInformer<Server> servers() {
        CloudResourceType<Long, Server> cloudResourceType = kind(
                "server",
                Server::id,
                Server::labels,
                it -> it,
                it -> it.changing() && !pending.isPending(it.id(), "server"),
                client::getServer,
                client::listServers);
        return new FeedInformer<>(cloudResourceType, client::serverActions, context);
    }

    FeedInformer<Firewall> firewalls() {
        CloudResourceType<Long, Firewall> cloudResourceType = kind(
                "firewall",
                Firewall::id,
                Firewall::labels,
                Firewall::noteworthy,
                _ -> false,
                client::getFirewall,
                client::listFirewalls);
        return new FeedInformer<>(cloudResourceType, client::firewallActions, context);
    }

    FeedInformer<Volume> volumes() {
        var calls = client.volumes();
        CloudResourceType<Long, Volume> cloudResourceType = kind(
                "volume",
                Volume::id,
                Volume::labels,
                it -> it,
                it -> it.changing() && !pending.isPending(it.id(), "volume"),
                calls::get,
                calls::list);
        return new FeedInformer<>(cloudResourceType, calls::actions, context);
    }

    /** {@code type} is the API's word in an action's resources. */
    private <T> CloudResourceType<Long, T> kind(
            String type,
            Function<T, Long> id,
            Function<T, Map<String, String>> labels,
            Function<T, Object> noteworthy,
            Predicate<T> unsettled,
            CloudResourceType.Reader<Long, T> get,
            LabelLister<T> list) {
        return new CloudResourceType<>(
                type,
                "our labels",
                id,
                it -> Ownership.isOurs(labels.apply(it), context.installation),
                it -> labels.apply(it).getOrDefault(Ownership.UID, ""),
                noteworthy,
                unsettled,
                get,
                (urgency, purpose, uids, page) -> list.list(
                        urgency,
                        purpose,
                        uids == null
                                ? Ownership.selector(context.installation)
                                : Ownership.selector(context.installation, uids),
                        page),
                UIDS_PER_LIST);
    }
}
