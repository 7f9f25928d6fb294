package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Creates and restores the machines of servers by the guest driver. */
final class ServerMachine {
    private final HetznerState state;
    private final Images images;
    private final FirewallAttachments firewalls;

    ServerMachine(HetznerState state, Images images, FirewallAttachments firewalls) {
        this.state = state;
        this.images = images;
        this.firewalls = firewalls;
    }

    /** Creates the machine, with its rules applied before it can boot. */
    CompletableFuture<Void> create(HetznerRow.Server server) {
        var machine = describe(server);
        var inbound = firewalls.inbound(server, 0);
        return state.guests.run(server.id, guest -> {
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
                : state.tables.find(HetznerRow.PrimaryIp.class, id).map(ip -> ip.ip);
    }

    /** After a restart of the simulator: machines that existed are created again, and started again if they ran. */
    void restore(HetznerRow.Server server) {
        if (server.status.equals("initializing") || server.status.equals("deleting")) return;
        create(server);
        for (long id : server.volumes) {
            state.tables
                    .find(HetznerRow.Volume.class, id)
                    .map(VolumeAttachments::machine)
                    .ifPresent(volume -> state.guests.run(server.id, guest -> guest.attachVolume(server.id, volume)));
        }
        if (!server.status.equals("off")) state.guests.run(server.id, guest -> guest.start(server.id));
    }
}
