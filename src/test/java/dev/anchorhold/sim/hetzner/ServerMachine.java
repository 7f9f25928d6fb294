package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the guest driver is told of a server. */
final class ServerMachine {
    private final Cloud cloud;
    private final Images images;
    private final FirewallUse firewalls;

    ServerMachine(Cloud cloud, Images images, FirewallUse firewalls) {
        this.cloud = cloud;
        this.images = images;
        this.firewalls = firewalls;
    }

    /** Makes the machine, its rules standing before it can boot. */
    CompletableFuture<Void> create(Row.Server server) {
        var machine = describe(server);
        var inbound = firewalls.inbound(server, 0);
        return cloud.guests.run(server.id, guest -> {
            guest.create(machine);
            guest.applyFirewall(machine.serverId(), inbound);
        });
    }

    private GuestDriver.Machine describe(Row.Server server) {
        return new GuestDriver.Machine(
                server.id,
                server.name,
                images.systemName(server.image),
                server.location,
                address(server.ipv4),
                address(server.ipv6),
                List.copyOf(server.publicKeys),
                Optional.ofNullable(server.userData));
    }

    private Optional<String> address(Long id) {
        return id == null
                ? Optional.empty()
                : cloud.store.find(Row.PrimaryIp.class, id).map(ip -> ip.ip);
    }

    /** After a restart of the simulator: machines that were made are made again, and run again if they ran. */
    void restore(Row.Server server) {
        if (server.status.equals("initializing") || server.status.equals("deleting")) return;
        create(server);
        for (long id : server.volumes) {
            cloud.store
                    .find(Row.Volume.class, id)
                    .map(VolumeAttachments::machine)
                    .ifPresent(volume -> cloud.guests.run(server.id, guest -> guest.attachVolume(server.id, volume)));
        }
        if (!server.status.equals("off")) cloud.guests.run(server.id, guest -> guest.start(server.id));
    }
}
