package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Attaches volumes to containers as block devices: loop devices of this computer over the volumes' files. A container
 * has no udev, so each machine has a folder that it sees as {@code /dev/disk}; the devices in it, and the links by
 * which a server at Hetzner knows them, are made and removed from here, also while the machine runs.
 */
final class LoopDevices {

    private final VolumeFiles files;

    LoopDevices(VolumeFiles files) {
        this.files = files;
    }

    /** @param number as in {@code 7:0} */
    private record Loop(String device, String number, boolean autoclear, String file) {

        /** All that this computer has. One with autoclear is detached already, and in use until its last user ends. */
        static List<Loop> all() {
            var table = HostCommand.of("losetup", "--list", "--json", "--output", "NAME,MAJ:MIN,AUTOCLEAR,BACK-FILE")
                    .run();
            try {
                return new ObjectMapper()
                        .readTree(table)
                        .path("loopdevices")
                        .valueStream()
                        .map(loop -> new Loop(
                                loop.get("name").asText(),
                                loop.get("maj:min").asText().strip(),
                                loop.get("autoclear").asBoolean(),
                                loop.path("back-file").asText()))
                        .toList();
            } catch (JsonProcessingException e) {
                throw new GuestFailure("losetup is not understood", e);
            }
        }

        static Stream<Loop> of(Path file) {
            return all().stream().filter(loop -> !loop.autoclear && loop.file.equals(file.toString()));
        }

        String name() {
            return Path.of(device).getFileName().toString();
        }

        /** Detaches it although it is mounted, as when a disk is pulled out of a running machine: further access fails. */
        void detach() {
            HostCommand.of(
                            "/usr/bin/python3",
                            HostCommand.scripts().resolve("unplug.py").toString(),
                            number)
                    .run();
            HostCommand.of("losetup", "--detach", device).run();
        }
    }

    /** Adds a volume to a machine's devices, or shows its new size when it is there already. */
    void attach(Path devices, Volume volume) {
        var file = files.file(volume);
        if (Loop.of(file).findFirst().isEmpty()) {
            HostCommand.of("losetup", "--find", file.toString()).run();
        }
        var loop = Loop.of(file).findFirst().orElseThrow();
        HostCommand.of("losetup", "--set-capacity", loop.device).run();
        try {
            var node = devices.resolve(loop.name());
            if (Files.notExists(node)) {
                var number = loop.number.split(":");
                HostCommand.of("mknod", "--mode=660", node.toString(), "b", number[0], number[1])
                        .run();
            }
            var link = link(devices, volume.id());
            Files.createDirectories(link.getParent());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of("..", loop.name()));
        } catch (IOException e) {
            throw new GuestFailure("the volume %d cannot be attached".formatted(volume.id()), e);
        }
    }

    private static Path link(Path devices, long volumeId) {
        return devices.resolve("by-id").resolve("scsi-0HC_Volume_" + volumeId);
    }

    void detach(Path devices, long volumeId) {
        try {
            var link = link(devices, volumeId);
            if (Files.isSymbolicLink(link)) {
                var node = link.resolveSibling(Files.readSymbolicLink(link)).normalize();
                Files.delete(link);
                Files.deleteIfExists(node);
            }
            Loop.of(files.path(volumeId)).forEach(Loop::detach);
        } catch (IOException e) {
            throw new GuestFailure("the volume %d cannot be detached".formatted(volumeId), e);
        }
    }

    /** Detaches all volumes of a machine. */
    void detachAll(Path devices) {
        try (Stream<Path> links =
                Files.exists(devices.resolve("by-id")) ? Files.list(devices.resolve("by-id")) : Stream.of()) {
            links.map(link -> link.getFileName().toString())
                    .mapToLong(name -> Long.parseLong(name.substring(name.lastIndexOf('_') + 1)))
                    .forEach(id -> detach(devices, id));
        } catch (IOException e) {
            throw new GuestFailure("devices cannot be listed: " + devices, e);
        }
    }

    /** Detaches all files below a folder, left by a process that was killed. */
    static void removeLeftovers(Path folder) {
        if (HostCommand.find("losetup").isEmpty()) {
            return;
        }
        Loop.all().stream()
                .filter(loop -> !loop.autoclear && loop.file.startsWith(folder + "/"))
                .forEach(Loop::detach);
    }
}
