package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Answer;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;

/** All families on one router: a request goes in, an answer comes out, under the lock. No HTTP here. */
final class Api {
    final Cloud cloud;
    final Router<Call> router = new Router<>(ApiError::wrongMethod);
    private final FirewallUse firewallUse;
    private final ServerPower power;

    Api(Cloud cloud) {
        this.cloud = cloud;
        var locks = new ServerLocks(cloud);
        firewallUse = new FirewallUse(cloud);
        new ActionFeeds(cloud, router);
        new Reference(cloud, router);
        new Firewalls(cloud, router, firewallUse);
        var sshKeys = new SshKeys(cloud, router);
        var images = new Images(cloud, router);
        var primaryIps = new PrimaryIps(cloud, router);
        var placementGroups = new PlacementGroups(cloud, router);
        var volumes = new VolumeAttachments(cloud, locks);
        new Volumes(cloud, router, volumes);
        var json = new ServerJson(cloud, images, placementGroups, locks);
        var machines = new ServerMachine(cloud, images, firewallUse);
        power = new ServerPower(cloud, machines);
        new Servers(cloud, router, json, locks, firewallUse, volumes, primaryIps, images);
        new ServerCreation(
                cloud, router, json, machines, sshKeys, images, primaryIps, volumes, firewallUse, placementGroups);
        new ServerActions(cloud, router, locks, images, placementGroups, primaryIps);
    }

    /** What was going on when the simulator stopped goes on. */
    void resume() {
        cloud.locked(() -> {
            firewallUse.forgetTheDead();
            power.resume();
            cloud.actions.resume();
            firewallUse.selectorsChanged();
            return null;
        });
    }

    Answer perform(
            Router.Match<Call> match, Project project, Map<String, List<String>> query, ObjectNode body, String uri) {
        var call = new Call(project, match.path(), query, body, uri);
        return cloud.perform(match.route(), call, new ApiError(500, "server_error", "internal error"));
    }
}
