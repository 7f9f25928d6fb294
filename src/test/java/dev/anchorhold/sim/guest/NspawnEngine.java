package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs machines as systemd-nspawn containers on the fabric: Debian's own systemd, cloud-init and sshd, in an overlay
 * on the base image. Root in such a guest is root of this computer, so only trusted user data may run in it.
 */
final class NspawnEngine implements GuestEngine {

    /** SIGRTMIN+4, by which systemd is told to power off. */
    private static final String POWER_OFF = "-38";

    private final Path base;
    private final Fabric fabric;
    private final VolumeFiles volumes;
    private final LoopDevices loops;
    private final Map<Long, String> namespaces = new ConcurrentHashMap<>();

    /**
     * @param world the world's folder for guests
     * @param base the root of the base image
     */
    NspawnEngine(Path world, Path base, Fabric fabric) {
        this.base = base;
        this.fabric = fabric;
        this.volumes = VolumeFiles.of(world);
        this.loops = new LoopDevices(volumes);
    }

    @Override
    public void create(Machine machine, Path folder) {
        namespaces.computeIfAbsent(machine.serverId(), id -> {
            try {
                // Device nodes of an earlier process are no longer valid.
                HostCommand.of("rm", "-rf", devices(folder).toString()).run();
                for (var part : List.of("disk", "work", "root", "docker", "devices")) {
                    Files.createDirectories(folder.resolve(part));
                }
                var dmidecode = Files.writeString(folder.resolve("dmidecode"), dmidecode(machine));
                Files.setPosixFilePermissions(dmidecode, PosixFilePermissions.fromString("rwxr-xr-x"));
            } catch (IOException e) {
                throw new GuestFailure("no disk can be made in " + folder, e);
            }
            return fabric.plugNamespace(machine);
        });
    }

    /** A program that gives the answers of Hetzner's firmware, which a container does not have. */
    private static String dmidecode(Machine machine) {
        return """
            #!/bin/sh
            case "$*" in
              *system-manufacturer*) echo Hetzner ;;
              *system-product-name*) echo vServer ;;
              *system-serial-number*) echo %1$d ;;
              *system-uuid*) echo 00000000-0000-0000-0000-%1$012x ;;
              *) exit 1 ;;
            esac
            """.formatted(machine.serverId());
    }

    @Override
    public Process boot(Machine machine, Path folder) {
        var cgroup = cgroup(machine);
        cgroup.remove();
        var name = namespaces.get(machine.serverId());
        var boot = HostCommand.script("boot-nspawn", folder.toString(), base.toString(), name, name);
        return cgroup.create().enter(boot).start(folder.resolve("console.log"));
    }

    private Cgroup cgroup(Machine machine) {
        return Cgroup.of(fabric.name() + "/" + machine.serverId());
    }

    @Override
    public void pressPowerButton(Machine machine, Path folder, Process process) {
        systemd(process)
                .ifPresent(pid ->
                        HostCommand.of("kill", POWER_OFF, Long.toString(pid)).succeeds());
    }

    /** The guest's process 1, as this computer sees it. */
    private static Optional<Long> systemd(Process process) {
        return process.children().map(ProcessHandle::pid).findFirst();
    }

    @Override
    public void pullPlug(Machine machine, Process process) {
        cgroup(machine).remove();
    }

    @Override
    public void applyFirewall(Machine machine, Inbound inbound) {
        fabric.filter(machine, inbound);
    }

    @Override
    public void attach(Machine machine, Path folder, Volume volume) {
        create(machine, folder);
        loops.attach(devices(folder), volume);
    }

    @Override
    public void detach(Machine machine, Path folder, long volumeId) {
        loops.detach(devices(folder), volumeId);
    }

    private static Path devices(Path folder) {
        return folder.resolve("devices");
    }

    @Override
    public void delete(long volumeId) {
        volumes.delete(volumeId);
    }

    @Override
    public void remove(Machine machine, Path folder) {
        cgroup(machine).remove();
        loops.detachAll(devices(folder));
        namespaces.remove(machine.serverId());
        fabric.unplug(machine);
    }

    /** By the guest's systemd, as it runs services: with all that confines the guest, which entering it from here would evade. */
    @Override
    public String run(Machine machine, Process process, List<String> words) {
        var systemd = systemd(process).orElseThrow(() -> new GuestFailure(machine.hostname() + " is not up yet", null));
        var entered = new ArrayList<>(List.of("nsenter", "--target", Long.toString(systemd)));
        entered.addAll(List.of("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--"));
        entered.addAll(List.of("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--"));
        entered.addAll(words);
        return new HostCommand(entered, "").run();
    }

    @Override
    public String describe(Machine machine, Path folder, Process process) {
        return "nspawn: on, %s, %s"
                .formatted(
                        CloudInitResult.image(machine),
                        systemd(process)
                                .map(pid ->
                                        CloudInitResult.read(Path.of("/proc/%d/root/run/cloud-init".formatted(pid))))
                                .orElse("booting"));
    }

    @Override
    public void close() {
        fabric.close();
    }
}
