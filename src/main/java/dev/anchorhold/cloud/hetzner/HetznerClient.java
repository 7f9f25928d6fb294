package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.CloudPage;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Transport;
import dev.anchorhold.cloud.Urgency;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;

/**
 * Client of the Hetzner Cloud API v1 for one project. Each method is one call (a list that says so: one per page), made
 * once and at once, under the budget; every failure is a {@link CloudException}. A write that ends in
 * {@code UnknownOutcome} may have happened. Blocks: call it from a virtual thread.
 */
public final class HetznerClient {
    /** As many ids as an official client asks for at once (providers.md A.1). */
    static final int ACTIONS_PER_CALL = 25;

    private final HetznerRequests calls;
    private final VolumeClient volumes;

    /**
     * @param endpoint with its version: {@code https://api.hetzner.cloud/v1}
     * @param token read at each call, so that a rotated one is used at once (F27)
     * @param http shared; its time-outs are replaced
     * @param provider the ProviderConfig's name, a label of the metrics
     */
    public HetznerClient(
            String endpoint,
            Supplier<String> token,
            OkHttpClient http,
            Timeouts timeouts,
            RateBudget budget,
            MeterRegistry meters,
            String provider) {
        var transport = new Transport(new HetznerDialect(), endpoint, token, http, timeouts, budget, meters, provider);
        this.calls = new HetznerRequests(transport);
        this.volumes = new VolumeClient(calls);
    }

    // ---- servers

    public CreateResult<Server> createServer(Urgency urgency, Purpose purpose, CreateServerRequest wanted) {
        var confidential = wanted.userData() == null ? List.<String>of() : List.of(wanted.userData());
        var body = HetznerJson.newServer(wanted);
        var answer =
                calls.write(urgency, purpose, "POST", "servers", body, confidential, HetznerJson.ServerAnswer.class);
        calls.requirePart(answer.server());
        return answer.created();
    }

    public Optional<Server> getServer(Urgency urgency, Purpose purpose, long id) {
        return calls.optional(
                () -> calls.get(urgency, purpose, calls.url("servers/" + id), HetznerJson.ServerAnswer.class)
                        .server());
    }

    public Optional<Server> findServerByName(Urgency urgency, Purpose purpose, String name) {
        var url = calls.url("servers").addQueryParameter("name", name);
        return calls.firstMatch(
                urgency, purpose, url, HetznerJson.Listing::servers, server -> name.equals(server.name()));
    }

    public CloudPage<Server> listServers(Urgency urgency, Purpose purpose, String labelSelector, int page) {
        return calls.page(urgency, purpose, selected("servers", labelSelector), page, HetznerJson.Listing::servers);
    }

    /** The deletion's action, or empty if there was no such server any more (F21). */
    public Optional<Action> deleteServer(Urgency urgency, Purpose purpose, long id) {
        return calls.optional(() -> calls.requirePart(
                calls.write(urgency, purpose, "DELETE", "servers/" + id, null, HetznerJson.ActionAnswer.class)
                        .action()));
    }

    /** Replaces the server's labels, all of them. */
    public void relabelServer(Urgency urgency, Purpose purpose, long id, Map<String, String> labels) {
        calls.write(urgency, purpose, "PUT", "servers/" + id, Map.of("labels", labels), Void.class);
    }

    public Action powerOn(Urgency urgency, Purpose purpose, long id) {
        return serverAction(urgency, purpose, id, "poweron");
    }

    /** Cuts the power, without asking the guest. */
    public Action powerOff(Urgency urgency, Purpose purpose, long id) {
        return serverAction(urgency, purpose, id, "poweroff");
    }

    /** Asks the guest to shut down. Success means only that it was asked (providers.md A.13). */
    public Action shutdown(Urgency urgency, Purpose purpose, long id) {
        return serverAction(urgency, purpose, id, "shutdown");
    }

    // ---- firewalls

    public CreateResult<Firewall> createFirewall(
            Urgency urgency, Purpose purpose, String name, Map<String, String> labels, RuleSet rules) {
        var body = Map.of("name", name, "labels", labels, "rules", HetznerJson.rules(rules));
        var answer = calls.write(urgency, purpose, "POST", "firewalls", body, HetznerJson.FirewallAnswer.class);
        return new CreateResult<>(calls.requirePart(answer.firewall()), HetznerJson.actions(null, answer.actions()));
    }

    public Optional<Firewall> getFirewall(Urgency urgency, Purpose purpose, long id) {
        return calls.optional(
                () -> calls.get(urgency, purpose, calls.url("firewalls/" + id), HetznerJson.FirewallAnswer.class)
                        .firewall());
    }

    public Optional<Firewall> findFirewallByName(Urgency urgency, Purpose purpose, String name) {
        var url = calls.url("firewalls").addQueryParameter("name", name);
        return calls.firstMatch(
                urgency, purpose, url, HetznerJson.Listing::firewalls, firewall -> name.equals(firewall.name()));
    }

    public CloudPage<Firewall> listFirewalls(Urgency urgency, Purpose purpose, String labelSelector, int page) {
        return calls.page(urgency, purpose, selected("firewalls", labelSelector), page, HetznerJson.Listing::firewalls);
    }

    /** Replaces the firewall's labels, all of them; its rules stay. */
    public void relabelFirewall(Urgency urgency, Purpose purpose, long id, Map<String, String> labels) {
        calls.write(urgency, purpose, "PUT", "firewalls/" + id, Map.of("labels", labels), Void.class);
    }

    /** Absent already is success (F21); still applied somewhere is {@code InUse} (F17). */
    public void deleteFirewall(Urgency urgency, Purpose purpose, long id) {
        calls.delete(urgency, purpose, "firewalls/" + id);
    }

    /** Replaces all rules, also by none (F24). */
    public List<Action> setRules(Urgency urgency, Purpose purpose, long id, RuleSet rules) {
        return firewallAction(urgency, purpose, id, "set_rules", Map.of("rules", HetznerJson.rules(rules)));
    }

    /** Applied already is success: then there is no action. */
    public List<Action> applyToServer(Urgency urgency, Purpose purpose, long firewall, long server) {
        try {
            return firewallAction(
                    urgency, purpose, firewall, "apply_to_resources", Map.of("apply_to", onServer(server)));
        } catch (CloudException.Invalid e) {
            if (e.code().equals("firewall_already_applied") || e.code().equals("server_already_added"))
                return List.of();
            throw e;
        }
    }

    /** Not applied any more is success: then there is no action. */
    public List<Action> removeFromServer(Urgency urgency, Purpose purpose, long firewall, long server) {
        try {
            return firewallAction(
                    urgency, purpose, firewall, "remove_from_resources", Map.of("remove_from", onServer(server)));
        } catch (CloudException.Invalid e) {
            if (e.code().equals("firewall_already_removed")) return List.of();
            throw e;
        }
    }

    // ---- volumes

    public VolumeClient volumes() {
        return volumes;
    }

    // ---- SSH keys

    public Optional<SshKey> findSshKeyByName(Urgency urgency, Purpose purpose, String name) {
        var url = calls.url("ssh_keys").addQueryParameter("name", name);
        return calls.firstMatch(urgency, purpose, url, HetznerJson.Listing::sshKeys, key -> name.equals(key.name()));
    }

    public Optional<SshKey> getSshKey(Urgency urgency, Purpose purpose, long id) {
        return calls.optional(
                () -> calls.get(urgency, purpose, calls.url("ssh_keys/" + id), HetznerJson.KeyAnswer.class)
                        .sshKey());
    }

    public SshKey createSshKey(
            Urgency urgency, Purpose purpose, String name, String publicKey, Map<String, String> labels) {
        var body = Map.of("name", name, "public_key", publicKey, "labels", labels);
        var key = calls.write(urgency, purpose, "POST", "ssh_keys", body, HetznerJson.KeyAnswer.class)
                .sshKey();
        return calls.requirePart(key);
    }

    /** Gives the key the name that it has, which changes nothing and takes the right to write. */
    public void touchSshKey(Urgency urgency, Purpose purpose, long id, String name) {
        calls.write(urgency, purpose, "PUT", "ssh_keys/" + id, Map.of("name", name), Void.class);
    }

    // ---- catalogue (all pages)

    public List<ServerCatalogue.ServerType> serverTypes(Urgency urgency, Purpose purpose) {
        return calls.allPages(page ->
                calls.page(urgency, purpose, calls.url("server_types"), page, HetznerJson.Listing::serverTypes));
    }

    public List<Server.Ref> locations(Urgency urgency, Purpose purpose) {
        return calls.allPages(
                page -> calls.page(urgency, purpose, calls.url("locations"), page, HetznerJson.Listing::locations));
    }

    /** System images that can be used now. */
    public List<ServerCatalogue.Image> images(Urgency urgency, Purpose purpose) {
        return calls.allPages(page -> calls.page(
                urgency,
                purpose,
                calls.url("images").addQueryParameter("type", "system").addQueryParameter("status", "available"),
                page,
                HetznerJson.Listing::images));
    }

    // ---- actions

    /** The actions of these ids, at most 25, and which of them the cloud did not name. */
    public Actions actions(Urgency urgency, Purpose purpose, Collection<Long> ids) {
        if (ids.size() > ACTIONS_PER_CALL) throw new IllegalArgumentException("at most 25 ids a call");
        var url = calls.url("actions");
        ids.forEach(id -> url.addQueryParameter("id", Long.toString(id)));
        var found = calls.requireItems(
                calls.get(urgency, purpose, url, HetznerJson.Listing.class).actions());
        var missing = new HashSet<>(ids);
        found.forEach(action -> missing.remove(action.id()));
        return new Actions(found, missing);
    }

    public record Actions(List<Action> found, Set<Long> missing) {}

    /** What happened to servers, latest first, whoever did it. */
    public CloudPage<Action> serverActions(Urgency urgency, Purpose purpose, ActionSort actionSort, int page) {
        return calls.feed(urgency, purpose, "servers/actions", actionSort, page);
    }

    /** What happened to firewalls, latest first, whoever did it. */
    public CloudPage<Action> firewallActions(Urgency urgency, Purpose purpose, ActionSort actionSort, int page) {
        return calls.feed(urgency, purpose, "firewalls/actions", actionSort, page);
    }

    // ---- parts of the above

    private HttpUrl.Builder selected(String path, String labelSelector) {
        return calls.url(path).addQueryParameter("label_selector", labelSelector);
    }

    private Action serverAction(Urgency urgency, Purpose purpose, long id, String verb) {
        var path = "servers/%d/actions/%s".formatted(id, verb);
        var answer = calls.write(urgency, purpose, "POST", path, null, HetznerJson.ActionAnswer.class);
        return calls.requirePart(answer.action());
    }

    /** Takes the firewall off all that the selector finds, and the selector off the firewall. */
    public List<Action> removeFromSelector(Urgency urgency, Purpose purpose, long firewall, String selector) {
        var target = Map.of("type", "label_selector", "label_selector", Map.of("selector", selector));
        return firewallAction(
                urgency, purpose, firewall, "remove_from_resources", Map.of("remove_from", List.of(target)));
    }

    private List<Action> firewallAction(Urgency urgency, Purpose purpose, long id, String verb, Object body) {
        var path = "firewalls/%d/actions/%s".formatted(id, verb);
        var answer = calls.write(urgency, purpose, "POST", path, body, HetznerJson.FirewallAnswer.class);
        return HetznerJson.actions(null, calls.requirePart(answer.actions()));
    }

    private static List<Map<String, Object>> onServer(long id) {
        return List.of(Map.of("type", "server", "server", Map.of("id", id)));
    }
}
