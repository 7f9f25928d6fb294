package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissionsProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole folders: into a layer, in an order that does not depend on the file system; and away. */
final class FileTree {
    private FileTree() {}

    static FileEntriesLayer layer(
            String name, Path folder, AbsoluteUnixPath target, FilePermissionsProvider permissions) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        add(layer, folder, target, permissions);
        return layer.build();
    }

    static void add(
            FileEntriesLayer.Builder layer, Path folder, AbsoluteUnixPath target, FilePermissionsProvider permissions)
            throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path it : files) {
            AbsoluteUnixPath path = target.resolve(folder.relativize(it));
            layer.addEntry(it, path, permissions.get(it, path));
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> files = Files.walk(folder)) {
            all = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path it : all) {
            Files.delete(it);
        }
    }
}
