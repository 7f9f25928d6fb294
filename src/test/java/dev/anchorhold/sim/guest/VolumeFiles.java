package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The data of a world's volumes: a sparse file each, which outlives the machines that it is attached to. */
record VolumeFiles(Path folder) {

    /** @param world the world's folder for guests */
    static VolumeFiles of(Path world) {
        return new VolumeFiles(world.resolve("volumes"));
    }

    /** The volume's file, created unless it exists, and grown to its size. */
    Path file(Volume volume) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new GuestFailure("no volumes can be stored in " + folder, e);
        }
        var file = path(volume.id());
        var isNew = Files.notExists(file);
        // Only ever greater: the sign tells truncate to leave a file alone that has the size already.
        HostCommand.of("truncate", "-s", ">%dG".formatted(volume.sizeGiB()), file.toString())
                .run();
        if (isNew) {
            volume.format()
                    .ifPresent(format -> HostCommand.of("mkfs." + format, "-q", file.toString())
                            .run());
        }
        return file;
    }

    Path path(long volumeId) {
        return folder.resolve(volumeId + ".raw");
    }

    void delete(long volumeId) {
        try {
            Files.deleteIfExists(path(volumeId));
        } catch (IOException e) {
            throw new GuestFailure("the volume %d cannot be removed".formatted(volumeId), e);
        }
    }
}
