package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the guest driver is told of a server. */
final class ServerMachine {
    private final HetznerState hetznerState;
    private final Images images;
    private final FirewallAttachments firewalls;

    ServerMachine(HetznerState hetznerState, Images images, FirewallAttachments firewalls) {
        this.hetznerState = hetznerState;
        this.images = images;
        this.firewalls = firewalls;
    }

    /** Makes the machine, its rules standing before it can boot. */
    CompletableFuture<Void> create(HetznerRow.Server server) {
        var machine = describe(server);
        var inbound = firewalls.inbound(server, 0);
        return hetznerState.guestDispatcher.run(server.id, guest -> {
            guest.create(machine);
            guest.applyFirewall(machine.serverId(), inbound);
        });
    }

    private GuestDriver.Machine describe(HetznerRow.Server server) {
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
                : hetznerState
                        .hetznerTables
                        .find(HetznerRow.PrimaryIp.class, id)
                        .map(ip -> ip.ip);
    }

    /** After a restart of the simulator: machines that were made are made again, and run again if they ran. */
    void restore(HetznerRow.Server server) {
        if (server.status.equals("initializing") || server.status.equals("deleting")) return;
        create(server);
        for (long id : server.volumes) {
            hetznerState
                    .hetznerTables
                    .find(HetznerRow.Volume.class, id)
                    .map(VolumeAttachments::machine)
                    .ifPresent(volume -> hetznerState.guestDispatcher.run(
                            server.id, guest -> guest.attachVolume(server.id, volume)));
        }
        if (!server.status.equals("off")) hetznerState.guestDispatcher.run(server.id, guest -> guest.start(server.id));
    }
}
