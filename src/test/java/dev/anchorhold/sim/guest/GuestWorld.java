package dev.anchorhold.sim.guest;

import static dev.anchorhold.WaitLimit.WAIT_LIMIT;
import static org.awaitility.Awaitility.await;

import dev.anchorhold.guest.PlainVmUserData;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Test fixture: a world with guests and a customer's SSH key, and ssh into its guests. */
final class GuestWorld implements AutoCloseable {

    final Path folder;
    final GuestDriver guests;

    GuestWorld(Path folder, String kind, int maxReal) {
        this.folder = folder;
        this.guests = GuestDrivers.choose(kind, folder, maxReal).driver();
        key("customer");
        key("sealed");
    }

    static boolean possible() {
        return GuestDrivers.lackingForNspawn().isEmpty();
    }

    /** Creates a key pair unless it exists; returns the public half. */
    private String key(String name) {
        var file = folder.resolve(name);
        try {
            if (Files.notExists(file)) {
                HostCommand.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.toString())
                        .run();
            }
            return Files.readString(Path.of(file + ".pub")).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The n-th server: debian-12, both IP families, a sealed key in its metadata and a PlainVm's document. */
    Machine server(int n) {
        return server(n, Optional.empty());
    }

    Machine server(int n, Optional<String> passwordHash) {
        var name = "web-" + n;
        return new Machine(
                128_000_000L + n,
                name,
                "debian-12",
                "hel1",
                Optional.of("203.0.113." + n),
                Optional.of("2001:db8:aa:%x::/64".formatted(n)),
                List.of(key("sealed")),
                Optional.of(PlainVmUserData.render(name, List.of(key("customer")), passwordHash)));
    }

    /** Creates, starts, and waits until SSH answers and cloud-init is done. */
    Machine running(int n) {
        var machine = server(n);
        guests.create(machine);
        guests.start(machine.serverId());
        awaitBoot(machine);
        return machine;
    }

    void awaitBoot(Machine machine) {
        awaitBoot(machine, WAIT_LIMIT);
    }

    void awaitBoot(Machine machine, Duration timeout) {
        await().atMost(timeout)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> guests.describe(machine.serverId()).contains("cloud-init done"));
        await().pollInterval(Duration.ofMillis(100))
                .until(() -> sshCommand(machine.ipv4().orElseThrow(), "customer", "true")
                        .succeeds());
    }

    /** What a command of root's prints in the guest, by SSH from this computer with the customer's key. */
    String ssh(Machine machine, String command) {
        return sshCommand(machine.ipv4().orElseThrow(), "customer", command)
                .run()
                .strip();
    }

    HostCommand sshCommand(String address, String key, String command) {
        var identity = List.of(
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentitiesOnly=yes",
                "-i",
                folder.resolve(key).toString());
        return ssh(address, identity, List.of(command));
    }

    /** SSH from this computer into the world; host keys change with every guest and are not remembered. */
    HostCommand ssh(String address, List<String> options, List<String> command) {
        var common = List.of(
                "ssh",
                "-F",
                "none",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-o",
                "LogLevel=ERROR",
                "-o",
                "ConnectTimeout=5",
                "-o",
                "ProxyCommand=" + GuestDrivers.proxyCommand(folder));
        return new HostCommand(
                Stream.of(common, options, List.of("root@" + address), command)
                        .flatMap(List::stream)
                        .toList(),
                "");
    }

    /** A root shell in the guest over one connection, for tests of what happens to that. */
    Shell shell(Machine machine) throws IOException {
        var shell = new Shell(new ProcessBuilder(sshCommand(machine.ipv4().orElseThrow(), "customer", "sh")
                        .words())
                .start());
        shell.ask("echo connected");
        return shell;
    }

    record Shell(Process process) implements AutoCloseable {

        /** The first line that a command prints. */
        String ask(String command) throws IOException {
            process.outputWriter().write(command + "\n");
            process.outputWriter().flush();
            return process.inputReader().readLine();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    Fabric fabric() {
        return Fabric.of(folder.resolve("guests"));
    }

    /** What this world left on this computer: processes, namespaces, mounts, control groups, devices. */
    List<String> traces() {
        var name = Fabric.name(folder.resolve("guests"));
        var traces = new ArrayList<String>();
        HostCommand.of(
                        "sh",
                        "-c",
                        "ls -d /run/netns/%1$s* /sys/fs/cgroup/anchorhold/%1$s /sys/fs/cgroup/*/anchorhold/%1$s 2>/dev/null || true"
                                .formatted(name))
                .run()
                .lines()
                .forEach(traces::add);
        HostCommand.of("sh", "-c", "grep -h %s /proc/self/mountinfo || true".formatted(folder))
                .run()
                .lines()
                .forEach(traces::add);
        HostCommand.of("losetup", "--list", "--noheadings", "--output", "BACK-FILE")
                .run()
                .lines()
                .filter(file -> file.startsWith(folder + "/"))
                .forEach(traces::add);
        ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains(name) || line.contains(folder + "/guests"))
                .forEach(traces::add);
        return traces;
    }

    @Override
    public void close() {
        guests.close();
    }
}
