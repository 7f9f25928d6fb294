package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ApiResponse;
import dev.anchorhold.sim.cloud.Router;
import java.util.List;
import java.util.Map;

/** Routes all requests of the API to their handlers, and runs them under the lock. No HTTP here. */
final class HetznerApi {
    final HetznerState state;
    final Router<HetznerRequest> router = new Router<>(HetznerApiError::wrongMethod);
    private final FirewallAttachments firewallAttachments;
    private final ServerPower power;

    HetznerApi(HetznerState state) {
        this.state = state;
        var locks = new ServerLocks(state);
        firewallAttachments = new FirewallAttachments(state);
        new ActionFeeds(state, router);
        new ReferenceData(state, router);
        new Firewalls(state, router, firewallAttachments);
        var sshKeys = new SshKeys(state, router);
        var images = new Images(state, router);
        var primaryIps = new PrimaryIps(state, router);
        var placementGroups = new PlacementGroups(state, router);
        var volumes = new VolumeAttachments(state, locks);
        new Volumes(state, router, volumes);
        var json = new ServerJson(state, images, placementGroups, locks);
        var machines = new ServerMachine(state, images, firewallAttachments);
        power = new ServerPower(state, machines);
        new Servers(state, router, json, locks, firewallAttachments, volumes, primaryIps, images);
        new ServerCreation(
                state,
                router,
                json,
                machines,
                sshKeys,
                images,
                primaryIps,
                volumes,
                firewallAttachments,
                placementGroups);
        new ServerActions(state, router, locks, images, placementGroups, primaryIps);
    }

    /** Resumes what was in progress when the simulator stopped. */
    void resume() {
        state.locked(() -> {
            firewallAttachments.forgetDeletedServers();
            power.resume();
            state.actions.resume();
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
        var request = new HetznerRequest(project, match.path(), query, body, uri);
        return state.perform(match.route(), request, new HetznerApiError(500, "server_error", "internal error"));
    }
}
