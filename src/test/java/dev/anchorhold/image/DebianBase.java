package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.WorldFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the image has below the JVM: Debian's C library, and the few files by which programs and scanners know what system this is.
 * There is no shell and no package manager, and nothing but the JVM can be run.
 */
final class DebianBase {
    /** One that no user of the host has: what distroless images call nonroot. */
    static final String USER = "65532";

    private static final String OS_RELEASE = """
        PRETTY_NAME="Debian GNU/Linux 12 (bookworm), the C library alone"
        NAME="Debian GNU/Linux"
        ID=debian
        VERSION_ID="12"
        VERSION_CODENAME=bookworm
        """;
    private static final String PASSWD = """
        root:x:0:0:root:/:/sbin/nologin
        nonroot:x:%1$s:%1$s:nonroot:/:/sbin/nologin
        """.formatted(USER);
    private static final String GROUP = """
        root:x:0:
        nonroot:x:%s:
        """.formatted(USER);

    private final Architecture architecture;
    private final Path folder;
    private final Path root;

    private DebianBase(Architecture architecture, Path folder) {
        this.architecture = architecture;
        this.folder = folder;
        this.root = folder.resolve("root");
    }

    /** A package of Debian, by its control file. */
    record DebianPackage(String name, String version, String control) {
        private static final Pattern NAME = Pattern.compile("^Package: (.+)$", Pattern.MULTILINE);
        private static final Pattern VERSION = Pattern.compile("^Version: (.+)$", Pattern.MULTILINE);

        private static DebianPackage of(String control) {
            return new DebianPackage(
                    NAME.matcher(control).results().findFirst().orElseThrow().group(1),
                    VERSION.matcher(control).results().findFirst().orElseThrow().group(1),
                    control);
        }
    }

    /**
     * Fetches the packages from Debian's mirror; takes seconds.
     *
     * @param more packages beside the C library, for {@link #layerOf}
     */
    static DebianBase extract(Architecture architecture, Path folder, String... more)
            throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder(Stream.concat(
                                Stream.of(
                                        Programs.CHECKOUT
                                                .resolve("k8s-dev/image/base")
                                                .toString(),
                                        architecture.id,
                                        folder.toString()),
                                Stream.of(more))
                        .toList())
                .inheritIO()
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new WorldFailure("The image's base could not be made of Debian's packages; the reason is above.");
        }
        return new DebianBase(architecture, folder);
    }

    List<DebianPackage> packages() throws IOException {
        return Stream.of(Files.readString(folder.resolve("packages")).split("\n\n"))
                .filter(it -> !it.isBlank())
                .map(it -> DebianPackage.of(it.strip() + "\n"))
                .toList();
    }

    FileEntriesLayer layer() throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("debian");
        Path libraries = root.resolve("lib").resolve(architecture.libraries);
        try (Stream<Path> files = Files.list(libraries)) {
            for (Path it : files.filter(Files::isRegularFile).sorted().toList()) {
                layer.addEntry(it, at("lib/" + architecture.libraries + "/" + it.getFileName()), mode("755"));
            }
        }
        // A link in Debian, and absolute there: a copy of what it points to.
        String linker = Path.of(architecture.dynamicLinker).getFileName().toString();
        layer.addEntry(libraries.resolve(linker), at(architecture.dynamicLinker), mode("755"));
        for (DebianPackage it : packages()) {
            addPapers(layer, it);
        }
        layer.addEntry(text("os-release", OS_RELEASE), at("etc/os-release"));
        layer.addEntry(text("passwd", PASSWD), at("etc/passwd"));
        layer.addEntry(text("group", GROUP), at("etc/group"));
        layer.addEntry(text("nsswitch.conf", "hosts: files dns\n"), at("etc/nsswitch.conf"));
        layer.addEntry(Files.createDirectories(folder.resolve("tmp")), at("tmp"), mode("777"));
        return layer.build();
    }

    /**
     * A layer of single files, with the papers of the packages that they are from.
     *
     * @param packages those packages' names
     * @param files where a file lies in Debian, and where it shall lie; links are followed
     */
    FileEntriesLayer layerOf(String name, Set<String> packages, SortedMap<String, String> files) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (Map.Entry<String, String> it : files.entrySet()) {
            layer.addEntry(root.resolve(it.getKey()), at(it.getValue()), mode("755"));
        }
        for (DebianPackage it : packages()) {
            if (packages.contains(it.name())) {
                addPapers(layer, it);
            }
        }
        return layer.build();
    }

    private void addPapers(FileEntriesLayer.Builder layer, DebianPackage it) throws IOException {
        Path copyright = root.resolve("usr/share/doc/" + it.name() + "/copyright");
        if (Files.exists(copyright)) {
            layer.addEntry(copyright, at("usr/share/doc/" + it.name() + "/copyright"));
        }
        // Where scanners of images without a package manager look for what is in them.
        layer.addEntry(text("status-" + it.name(), it.control()), at("var/lib/dpkg/status.d/" + it.name()));
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(
                Files.createDirectories(folder.resolve("texts")).resolve(name), content);
    }

    private static AbsoluteUnixPath at(String path) {
        return AbsoluteUnixPath.get("/" + path);
    }

    private static FilePermissions mode(String octal) {
        return FilePermissions.fromOctalString(octal);
    }
}
