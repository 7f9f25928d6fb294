package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import dev.anchorhold.world.WorldFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The JVM in the image: linked by {@code jlink} from the JDK that builds it, with the modules that the product needs. */
final class JavaRuntime {
    /** Where it lies in the image. */
    static final String HOME = "/opt/java";

    /**
     * What the product's classes refer to, as {@code jdeps} tells ({@code ImageContentTest} compares), but for the compiler, which only a
     * code generator in vertx-codegen wants, and we do not run it.
     */
    static final List<String> MODULES = List.of(
            "java.base",
            "java.compiler",
            "java.desktop", // java.beans, by which Jackson reads annotations
            "java.instrument",
            "java.naming",
            "java.net.http",
            "java.rmi",
            "java.security.jgss",
            "java.security.sasl",
            "java.sql",
            "jdk.management",
            "jdk.unsupported");

    /** Those to look into a process that misbehaves with, and those that are found as services. */
    static final List<String> MORE_MODULES = List.of("jdk.jcmd", "jdk.jfr", "jdk.zipfs");

    /** Of java.desktop, what draws: nothing is ever drawn, and font parsers have had holes. */
    private static final String DRAWING = Stream.of(
                    "awt",
                    "awt_headless",
                    "awt_xawt",
                    "fontmanager",
                    "freetype",
                    "javajpeg",
                    "jawt",
                    "jsound",
                    "lcms",
                    "mlib_image",
                    "splashscreen")
            .map(it -> "**/lib" + it + ".so")
            .collect(Collectors.joining(","));

    /**
     * Packages that are left out, with all below them. Of java.desktop what draws, prints and sounds: only java.beans is ever used, which names none of them
     * but java.awt. Of java.xml what transforms and queries documents: nothing of ours does.
     */
    private static final Map<String, List<String>> UNUSED_PACKAGES = Map.of(
            "java.xml",
            List.of("com/sun/org/apache/bcel", "com/sun/org/apache/xalan", "com/sun/org/apache/xpath"),
            "java.desktop",
            List.of(
                    "com/sun/imageio",
                    "com/sun/java/swing",
                    "com/sun/media",
                    "com/sun/swing",
                    "javax/imageio",
                    "javax/print",
                    "javax/sound",
                    "javax/swing",
                    "sun/awt",
                    "sun/font",
                    "sun/java2d",
                    "sun/print",
                    "sun/swing"));

    private final Path folder;

    private JavaRuntime(Path folder) {
        this.folder = folder;
    }

    /**
     * Links one for this computer's architecture, or for another's from that one's JDK.
     *
     * @param jmods the folder {@code jmods} of the other's JDK, of the very version that runs here
     */
    static JavaRuntime link(Path folder, Optional<Path> jmods) throws IOException {
        FileTree.delete(folder);
        List<String> arguments = new ArrayList<>(List.of(
                "--add-modules=" + String.join(",", MODULES) + "," + String.join(",", MORE_MODULES),
                "--no-header-files",
                "--no-man-pages",
                "--exclude-files=" + DRAWING,
                "--exclude-resources=@" + listUnused(Path.of(folder + ".excluded")),
                "--output=" + folder));
        jmods.ifPresentOrElse(
                it -> arguments.add("--module-path=" + it),
                // Written by running the new JVM, which only this computer's architecture allows.
                () -> arguments.add("--generate-cds-archive"));
        int exitCode = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new WorldFailure("This JDK has no jlink: " + System.getProperty("java.home")
                        + ". Use a whole one: https://adoptium.net"))
                .run(System.out, System.err, arguments.toArray(String[]::new));
        if (exitCode != 0) {
            throw new WorldFailure("jlink failed; the reason is above.");
        }
        // For heaps of more than 32 GiB.
        Files.deleteIfExists(folder.resolve("lib/server/classes_nocoops.jsa"));
        return new JavaRuntime(folder);
    }

    /** Writes a list for jlink of what these packages have but the first class of each: a package that a module exports must not be empty. */
    private static Path listUnused(Path list) throws IOException {
        List<String> excluded = new ArrayList<>();
        for (var module : new TreeMap<>(UNUSED_PACKAGES).entrySet()) {
            Path root = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules", module.getKey());
            for (String unused : module.getValue()) {
                try (Stream<Path> folders = Files.walk(root.resolve(unused)).filter(Files::isDirectory)) {
                    for (Path it : folders.toList()) {
                        try (Stream<Path> files = Files.list(it).filter(Files::isRegularFile)) {
                            files.sorted(Comparator.comparing(Path::toString))
                                    .skip(1)
                                    .forEach(file -> excluded.add("/" + module.getKey() + "/" + root.relativize(file)));
                        }
                    }
                }
            }
        }
        Files.createDirectories(list.toAbsolutePath().getParent());
        return Files.write(list, excluded);
    }

    FileEntriesLayer layer() throws IOException {
        return FileTree.layer(
                "java",
                folder,
                AbsoluteUnixPath.get(HOME),
                (file, _) -> Files.isExecutable(file)
                        ? FilePermissions.fromOctalString("755")
                        : FilePermissions.DEFAULT_FILE_PERMISSIONS);
    }
}
