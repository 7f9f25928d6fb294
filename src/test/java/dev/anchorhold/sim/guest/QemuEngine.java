package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Runs machines as virtual machines with qemu: a kernel and a disk of their own, Hetzner's SMBIOS data, volumes by
 * their ids. On a {@link QemuNetwork}: root's is the fabric with its firewall, a user's is forwarded ports.
 */
final class QemuEngine implements GuestEngine {

    private final VolumeFiles volumes;
    private final Path base;
    private final QemuNetwork network;
    private final String accelerator;
    private final Map<Long, Qmp> consoles = new ConcurrentHashMap<>();

    /**
     * @param world the world's folder for guests
     * @param base holds disk.raw, vmlinuz and initrd.img
     */
    QemuEngine(Path world, Path base, QemuNetwork network) {
        this.volumes = VolumeFiles.of(world);
        this.base = base;
        this.network = network;
        this.accelerator = kvmWorks(base) ? "kvm" : "tcg,tb-size=256";
    }

    /** A device /dev/kvm may be there and yet run nothing, so a kernel is tried: it must say something within seconds. */
    private static boolean kvmWorks(Path base) {
        return Files.isWritable(Path.of("/dev/kvm"))
                && HostCommand.of(
                                "timeout",
                                "5",
                                "sh",
                                "-c",
                                "qemu-system-x86_64 -M q35 -accel kvm -cpu max -m 256 -nodefaults -display none -no-reboot -serial stdio -kernel \"$1\" -append 'console=ttyS0 panic=-1' </dev/null 2>/dev/null | grep -q -m1 'Linux version'",
                                "sh",
                                base.resolve("vmlinuz").toString())
                        .succeeds();
    }

    @Override
    public void create(Machine machine, Path folder) {
        try {
            Files.createDirectories(folder.resolve("volumes"));
        } catch (IOException e) {
            throw new GuestFailure("no disk can be made in " + folder, e);
        }
        if (Files.notExists(folder.resolve("disk.qcow2"))) {
            keepBaseFor(folder.resolve("disk.qcow2"));
            HostCommand.of(
                            "qemu-img",
                            "create",
                            "-q",
                            "-f",
                            "qcow2",
                            "-F",
                            "raw",
                            "-b",
                            base.resolve("disk.raw").toString(),
                            folder.resolve("disk.qcow2").toString())
                    .run();
        }
        network.plug(machine);
    }

    /** A disk lies on its base image for ever: a link to it there keeps k8s-dev/prune-cache from removing it. */
    private void keepBaseFor(Path disk) {
        try {
            var links = Files.createDirectories(base.resolve("disks"));
            var link = links.resolve(Integer.toHexString(disk.toString().hashCode()));
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, disk);
            }
        } catch (IOException e) {
            throw new GuestFailure("the base image %s cannot be kept for %s".formatted(base, disk), e);
        }
    }

    @Override
    public Process boot(Machine machine, Path folder) {
        var id = machine.serverId();
        var words = new ArrayList<>(List.of(
                "qemu-system-x86_64",
                "-name",
                "%s,process=qemu".formatted(machine.serverId()),
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-M",
                "q35",
                "-cpu",
                "max",
                "-accel",
                accelerator,
                "-smp",
                "1",
                "-m",
                "1024",
                "-kernel",
                base.resolve("vmlinuz").toString(),
                "-initrd",
                base.resolve("initrd.img").toString(),
                "-append",
                "root=/dev/vda rw console=ttyS0 net.ifnames=0",
                "-smbios",
                "type=1,manufacturer=Hetzner,product=vServer,serial=%1$d,uuid=00000000-0000-0000-0000-%1$012x"
                        .formatted(id),
                "-drive",
                "file=%s,if=virtio,format=qcow2,cache=writeback,discard=unmap"
                        .formatted(escaped(folder.resolve("disk.qcow2"))),
                "-device",
                "virtio-rng-pci",
                "-device",
                "virtio-scsi-pci,id=scsi",
                "-device",
                "virtio-net-pci,netdev=net,romfile=,mac=" + new InstanceMetadata(machine).mac(),
                "-netdev",
                network.netdev(machine),
                "-chardev",
                "file,id=serial,append=on,path=" + escaped(folder.resolve("console.log")),
                "-serial",
                "chardev:serial",
                "-qmp",
                "stdio"));
        try {
            var process = new ProcessBuilder(
                            network.enter(machine, new HostCommand(words, "")).words())
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("qemu.log").toFile()))
                    .start();
            var console = new Qmp(process);
            consoles.put(id, console);
            attached(folder).forEach(volume -> plugIn(console, volume));
            return process;
        } catch (IOException e) {
            throw new GuestFailure("qemu cannot be started: " + e.getMessage(), e);
        } catch (GuestFailure e) {
            throw new GuestFailure("qemu does not start: see %s/qemu.log".formatted(folder), e);
        }
    }

    /** In qemu's option lists a comma is written twice. */
    static String escaped(Path path) {
        return path.toString().replace(",", ",,");
    }

    @Override
    public void pressPowerButton(Machine machine, Path folder, Process process) {
        try {
            consoles.get(machine.serverId()).execute("system_powerdown", Map.of());
        } catch (GuestFailure e) {
            // It went off just now, or the caller sees that it did not.
        }
    }

    @Override
    public void pullPlug(Machine machine, Process process) {
        process.destroyForcibly();
    }

    @Override
    public void applyFirewall(Machine machine, Inbound inbound) {
        network.filter(machine, inbound);
    }

    /** A volume is a file that outlives the machines it is attached to; a machine's folder has a link to each that is attached. */
    @Override
    public void attach(Machine machine, Path folder, Volume volume) {
        var file = volumes.file(volume);
        try {
            var link = folder.resolve("volumes").resolve(Long.toString(volume.id()));
            if (Files.notExists(link)) {
                Files.createSymbolicLink(link, file);
                running(machine).ifPresent(console -> plugIn(console, link));
            } else {
                running(machine)
                        .ifPresent(console -> console.execute(
                                "block_resize",
                                Map.of("node-name", "volume-" + volume.id(), "size", volume.sizeGiB() * (1L << 30))));
            }
        } catch (IOException e) {
            throw new GuestFailure("the volume %d cannot be attached".formatted(volume.id()), e);
        }
    }

    private static void plugIn(Qmp console, Path volume) {
        var id = volume.getFileName().toString();
        console.execute(
                "blockdev-add",
                Map.of(
                        "node-name",
                        "volume-" + id,
                        "driver",
                        "raw",
                        "file",
                        Map.of("driver", "file", "filename", volume.toString())));
        console.execute(
                "device_add",
                Map.of(
                        "driver",
                        "scsi-hd",
                        "id",
                        "disk-" + id,
                        "bus",
                        "scsi.0",
                        "drive",
                        "volume-" + id,
                        "vendor",
                        "HC",
                        "product",
                        "Volume",
                        "serial",
                        id));
    }

    @Override
    public void detach(Machine machine, Path folder, long volumeId) {
        try {
            if (Files.deleteIfExists(folder.resolve("volumes").resolve(Long.toString(volumeId)))) {
                running(machine).ifPresent(console -> {
                    console.unplug("disk-" + volumeId);
                    console.execute("blockdev-del", Map.of("node-name", "volume-" + volumeId));
                });
            }
        } catch (IOException e) {
            throw new GuestFailure("the volume %d cannot be detached".formatted(volumeId), e);
        }
    }

    private Optional<Qmp> running(Machine machine) {
        return Optional.ofNullable(consoles.get(machine.serverId())).filter(Qmp::running);
    }

    private static List<Path> attached(Path folder) throws IOException {
        try (Stream<Path> volumes = Files.list(folder.resolve("volumes"))) {
            return volumes.toList();
        }
    }

    @Override
    public void delete(long volumeId) {
        volumes.delete(volumeId);
    }

    /** Not supported: there is no way in but SSH. */
    @Override
    public String run(Machine machine, Process process, List<String> words) {
        throw new GuestFailure("a virtual machine is entered by SSH only", null);
    }

    @Override
    public void remove(Machine machine, Path folder) {
        consoles.remove(machine.serverId());
        network.unplug(machine);
    }

    @Override
    public String describe(Machine machine, Path folder, Process process) {
        return "qemu (%s, %s): on, %s, %s"
                .formatted(
                        accelerator,
                        network.describe(machine),
                        CloudInitResult.image(machine),
                        CloudInitResult.ofConsole(folder.resolve("console.log")));
    }

    @Override
    public void close() {
        network.close();
    }
}
