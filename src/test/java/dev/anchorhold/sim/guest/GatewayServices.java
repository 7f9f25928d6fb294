package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the services of a fabric's gateway: DHCP and DNS, the metadata service, the image registry that has the sample
 * Agent's image, and the {@link PortForward port forwards} to this computer. All of them log to {@code fabric.log}.
 */
final class GatewayServices implements AutoCloseable {

    private final Fabric fabric;
    private final Path folder;
    private final Cgroup cgroup;
    private final List<Process> processes = new ArrayList<>();
    private Process dnsmasq;

    /** @param folder the world's folder for guests */
    GatewayServices(Fabric fabric, Path folder) {
        this.fabric = fabric;
        this.folder = folder;
        this.cgroup = Cgroup.of(fabric.name() + "/fabric");
    }

    /** @param registry the program */
    void start(Path registry) {
        cgroup.create();
        startDnsmasq();
        launch(fabric.inside(python("metadata.py", folder.resolve("metadata").toString())));
        ImageRegistry.prepare(folder).forEach(it -> launch(fabric.inside(registry.toString(), "serve", it.toString())));
        launch(HostCommand.of(
                python("gates.py", fabric.name(), PortForward.folder(folder).toString())));
    }

    private static String[] python(String script, String... arguments) {
        var words = new ArrayList<>(List.of(
                "/usr/bin/python3", HostCommand.scripts().resolve(script).toString()));
        words.addAll(List.of(arguments));
        return words.toArray(String[]::new);
    }

    private void startDnsmasq() {
        var ready = folder.resolve("dnsmasq.pid");
        try {
            Files.writeString(folder.resolve("hosts"), "");
            Files.writeString(folder.resolve("leases"), "");
            Files.deleteIfExists(ready);
        } catch (IOException e) {
            throw new GuestFailure("the world's folder cannot be written: " + folder, e);
        }
        dnsmasq = launch(fabric.inside(
                "dnsmasq",
                "--conf-file=/dev/null",
                "--keep-in-foreground",
                "--user=root",
                "--pid-file=" + ready,
                "--interface=guests",
                "--bind-interfaces",
                "--no-resolv",
                "--no-hosts",
                "--local=/#/",
                // Any address may be a guest's: the two halves of all addresses, of which only known guests get any.
                "--shared-network=guests,1.0.0.0",
                "--dhcp-range=1.0.0.0,static,128.0.0.0,1h",
                "--dhcp-range=128.0.0.0,static,128.0.0.0,1h",
                "--dhcp-hostsfile=" + folder.resolve("hosts"),
                "--dhcp-leasefile=" + folder.resolve("leases"),
                "--dhcp-authoritative",
                "--no-ping",
                "--dhcp-option=option:netmask,255.255.255.255",
                "--dhcp-option=option:router",
                "--dhcp-option=option:classless-static-route,172.31.1.1/32,0.0.0.0,0.0.0.0/0,172.31.1.1",
                "--dhcp-option=option:dns-server,185.12.64.2,185.12.64.1"));
        await(ready);
    }

    /** It writes its process id once it knows what SIGHUP means; before that, one would end it. */
    private void await(Path ready) {
        try {
            for (int tries = 0; Files.notExists(ready); tries++) {
                if (tries == 500 || !dnsmasq.isAlive()) {
                    throw new GuestFailure("dnsmasq does not start: see " + folder.resolve("fabric.log"), null);
                }
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestFailure("interrupted while dnsmasq starts", e);
        }
    }

    private Process launch(HostCommand command) {
        var process = cgroup.enter(command).start(folder.resolve("fabric.log"));
        processes.add(process);
        return process;
    }

    /** @param hosts a line for each guest: its hardware address and the address it gets */
    void reloadDhcp(String hosts) {
        try {
            Files.writeString(folder.resolve("hosts"), hosts);
        } catch (IOException e) {
            throw new GuestFailure("the DHCP server's hosts file cannot be written", e);
        }
        HostCommand.of("kill", "-HUP", Long.toString(dnsmasq.pid())).run();
    }

    @Override
    public void close() {
        processes.forEach(process -> process.destroyForcibly().onExit().join());
    }
}
