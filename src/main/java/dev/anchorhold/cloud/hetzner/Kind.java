package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** What servers, firewalls and volumes have in common for one who watches them. {@code type} is the API's word in an action's resources. */
record Kind<T>(
        String type,
        ToLongFunction<T> id,
        Function<T, String> uid,
        Function<T, Map<String, String>> labels,
        Predicate<T> changing,
        One<T> get,
        Selected<T> list,
        Feed feed) {

    interface One<T> {
        Optional<T> get(Urgency urgency, Purpose purpose, long id);
    }

    interface Selected<T> {
        Page<T> list(Urgency urgency, Purpose purpose, String selector, int page);
    }

    interface Feed {
        Page<Action> look(Urgency urgency, Purpose purpose, int page);
    }

    static Kind<Server> servers(HetznerClient client) {
        return new Kind<>(
                "server",
                Server::id,
                Server::uid,
                Server::labels,
                Server::changing,
                client::getServer,
                client::listServers,
                client::serverActions);
    }

    static Kind<Volume> volumes(HetznerClient client) {
        return new Kind<>(
                "volume",
                Volume::id,
                Volume::uid,
                Volume::labels,
                Volume::changing,
                client.volumes()::get,
                client.volumes()::list,
                client.volumes()::actions);
    }

    static Kind<Firewall> firewalls(HetznerClient client) {
        return new Kind<>(
                "firewall",
                Firewall::id,
                Firewall::uid,
                Firewall::labels,
                _ -> false,
                client::getFirewall,
                client::listFirewalls,
                client::firewallActions);
    }
}
