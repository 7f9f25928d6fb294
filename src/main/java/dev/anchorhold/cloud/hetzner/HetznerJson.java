package dev.anchorhold.cloud.hetzner;

import dev.anchorhold.cloud.CloudPage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The envelopes of the API's JSON. */
final class HetznerJson {
    private HetznerJson() {}

    record ServerAnswer(Server server, Action action, List<Action> nextActions) {
        CreateResult<Server> created() {
            return new CreateResult<>(server, actions(action, nextActions));
        }
    }

    record FirewallAnswer(Firewall firewall, List<Action> actions) {}

    record VolumeAnswer(Volume volume, Action action, List<Action> nextActions) {}

    record ActionAnswer(Action action) {}

    record KeyAnswer(SshKey sshKey) {}

    record Listing(
            List<Server> servers,
            List<Firewall> firewalls,
            List<Volume> volumes,
            List<Action> actions,
            List<SshKey> sshKeys,
            List<ServerCatalogue.ServerType> serverTypes,
            List<ServerCatalogue.Image> images,
            List<Server.Ref> locations,
            Meta meta) {
        <T> CloudPage<T> page(List<T> items) {
            var where = meta.pagination;
            return new CloudPage<>(
                    items,
                    where.nextPage == null ? 0 : where.nextPage,
                    where.totalEntries == null ? -1 : where.totalEntries);
        }
    }

    record Meta(Pagination pagination) {}

    record Pagination(Integer nextPage, Integer totalEntries) {}

    static List<Action> actions(Action first, List<Action> more) {
        return Stream.concat(Stream.ofNullable(first), more == null ? Stream.empty() : more.stream())
                .toList();
    }

    /** Every field is sent, an absent one by leaving it out; rules always as a whole list (F24). */
    static List<Map<String, Object>> rules(RuleSet set) {
        var rules = new ArrayList<Map<String, Object>>();
        for (var rule : set.rules()) {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("direction", rule.direction());
            fields.put("protocol", rule.protocol());
            if (!rule.port().isEmpty()) fields.put("port", rule.port());
            if (rule.direction().equals("out")) fields.put("destination_ips", rule.destinationIps());
            else fields.put("source_ips", rule.sourceIps());
            if (!rule.description().isEmpty()) fields.put("description", rule.description());
            rules.add(fields);
        }
        return rules;
    }

    static Map<String, Object> newServer(CreateServerRequest wanted) {
        var body = new LinkedHashMap<String, Object>();
        body.put("name", wanted.name());
        body.put("server_type", wanted.serverType());
        body.put("image", wanted.image());
        body.put("location", wanted.location());
        body.put("ssh_keys", wanted.sshKeys());
        body.put(
                "firewalls",
                wanted.firewalls().stream().map(id -> Map.of("firewall", id)).toList());
        if (!wanted.volumes().isEmpty()) {
            body.put("volumes", wanted.volumes());
            body.put("automount", false);
        }
        if (wanted.userData() != null) body.put("user_data", wanted.userData());
        body.put("start_after_create", wanted.startAfterCreate());
        body.put("labels", wanted.labels());
        body.put("public_net", Map.of("enable_ipv4", true, "enable_ipv6", true));
        return body;
    }

    /** Without an id an object is none: 0 would be read where the field is missing. */
    static void requireId(long id) {
        if (id <= 0) throw new IllegalArgumentException("no id");
    }
}
