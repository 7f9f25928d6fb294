package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;

/** All families on one router: a request goes in, an answer comes out, under the lock. No HTTP here. */
final class HetznerApi {
    final HetznerState hetznerState;
    final Router<HetznerRequest> router = new Router<>(HetznerApiError::wrongMethod);
    private final FirewallAttachments firewallAttachments;
    private final ServerPower power;

    HetznerApi(HetznerState hetznerState) {
        this.hetznerState = hetznerState;
        var locks = new ServerLocks(hetznerState);
        firewallAttachments = new FirewallAttachments(hetznerState);
        new ActionFeeds(hetznerState, router);
        new ReferenceData(hetznerState, router);
        new Firewalls(hetznerState, router, firewallAttachments);
        var sshKeys = new SshKeys(hetznerState, router);
        var images = new Images(hetznerState, router);
        var primaryIps = new PrimaryIps(hetznerState, router);
        var placementGroups = new PlacementGroups(hetznerState, router);
        var volumes = new VolumeAttachments(hetznerState, locks);
        new Volumes(hetznerState, router, volumes);
        var json = new ServerJson(hetznerState, images, placementGroups, locks);
        var machines = new ServerMachine(hetznerState, images, firewallAttachments);
        power = new ServerPower(hetznerState, machines);
        new Servers(hetznerState, router, json, locks, firewallAttachments, volumes, primaryIps, images);
        new ServerCreation(
                hetznerState,
                router,
                json,
                machines,
                sshKeys,
                images,
                primaryIps,
                volumes,
                firewallAttachments,
                placementGroups);
        new ServerActions(hetznerState, router, locks, images, placementGroups, primaryIps);
    }

    /** What was going on when the simulator stopped goes on. */
    void resume() {
        hetznerState.locked(() -> {
            firewallAttachments.forgetTheDead();
            power.resume();
            hetznerState.actions.resume();
            firewallAttachments.selectorsChanged();
            return null;
        });
    }

    ApiResponse perform(
            Router.Match<HetznerRequest> match,
            SimulatedProject project,
            Map<String, List<String>> query,
            ObjectNode body,
            String uri) {
        var hetznerRequest = new HetznerRequest(project, match.path(), query, body, uri);
        return hetznerState.perform(
                match.route(), hetznerRequest, new HetznerApiError(500, "server_error", "internal error"));
    }
}
