package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** The network to which a virtual machine's network card is attached. */
sealed interface QemuNetwork extends AutoCloseable {

    /** Once for each machine; a second time does nothing. */
    void plug(Machine machine);

    void unplug(Machine machine);

    /** Qemu's option {@code -netdev}, with the id {@code net}. */
    String netdev(Machine machine);

    /** The command that runs qemu where the network is. */
    HostCommand enter(Machine machine, HostCommand qemu);

    void filter(Machine machine, Inbound inbound);

    String describe(Machine machine);

    @Override
    void close();

    /** The world's fabric, for root. */
    record OnFabric(Fabric fabric) implements QemuNetwork {

        @Override
        public void plug(Machine machine) {
            fabric.plugTap(machine);
        }

        @Override
        public void unplug(Machine machine) {
            Cgroup.of(fabric.name() + "/" + machine.serverId()).remove();
            fabric.unplug(machine);
        }

        @Override
        public String netdev(Machine machine) {
            return "tap,id=net,script=no,downscript=no,ifname=" + Fabric.port(machine);
        }

        @Override
        public HostCommand enter(Machine machine, HostCommand qemu) {
            return Cgroup.of(fabric.name() + "/" + machine.serverId())
                    .create()
                    .enter(fabric.inside(qemu.words().toArray(String[]::new)));
        }

        @Override
        public void filter(Machine machine, Inbound inbound) {
            fabric.filter(machine, inbound);
        }

        @Override
        public String describe(Machine machine) {
            return "on the fabric";
        }

        @Override
        public void close() {
            fabric.close();
        }
    }

    /**
     * Qemu's own network, for a user: DHCP and the metadata service, SSH forwarded to a free port of 127.0.0.1, nothing else in or
     * out. Addresses are qemu's, and no firewall is enforced.
     */
    record OfUser(Path folder) implements QemuNetwork {

        /** Ends the virtual machines that a killed world left. */
        static OfUser up(Path folder) {
            ProcessHandle.allProcesses()
                    .filter(process -> process.info().command().orElse("").contains("qemu-system"))
                    .filter(process -> process.info().commandLine().orElse("").contains(folder + "/"))
                    .forEach(process -> {
                        process.destroyForcibly();
                        process.onExit().join();
                    });
            return new OfUser(folder);
        }

        @Override
        public void plug(Machine machine) {
            new InstanceMetadata(machine).write(folder);
        }

        @Override
        public void unplug(Machine machine) {
            new InstanceMetadata(machine).remove(folder);
            try {
                Files.deleteIfExists(forward(machine));
            } catch (IOException e) {
                throw new GuestFailure("a forward cannot be removed", e);
            }
        }

        /** The guest's link is in 169.254.0.0/16, so that the metadata's address is on it. */
        @Override
        public String netdev(Machine machine) {
            var metadata = "/usr/bin/python3 %s %s %s"
                    .formatted(
                            HostCommand.scripts().resolve("metadata.py"), folder.resolve("metadata"), address(machine));
            return "user,id=net,restrict=on,net=169.254.0.0/16,host=169.254.0.2,dns=169.254.0.3,dhcpstart=169.254.0.15,hostfwd=tcp:127.0.0.1:%d-:22,guestfwd=tcp:169.254.169.254:80-cmd:%s"
                    .formatted(freePort(machine), metadata.replace(",", ",,"));
        }

        private int freePort(Machine machine) {
            try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                Files.createDirectories(forward(machine).getParent());
                Files.writeString(forward(machine), Integer.toString(probe.getLocalPort()));
                return probe.getLocalPort();
            } catch (IOException e) {
                throw new GuestFailure("no free port on 127.0.0.1", e);
            }
        }

        /** Where the program connect looks for it. */
        private Path forward(Machine machine) {
            return folder.resolve("forwards").resolve(address(machine) + ",22");
        }

        private static String address(Machine machine) {
            return machine.ipv4().orElse("none-" + machine.serverId());
        }

        @Override
        public HostCommand enter(Machine machine, HostCommand qemu) {
            return qemu;
        }

        @Override
        public void filter(Machine machine, Inbound inbound) {}

        @Override
        public String describe(Machine machine) {
            return "SSH forwarded, firewall not enforced";
        }

        @Override
        public void close() {}
    }
}
