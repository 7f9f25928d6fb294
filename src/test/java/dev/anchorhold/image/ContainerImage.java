package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import dev.anchorhold.world.WorldFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Describes the image of all roles: which files are in it, what it runs and as whom. The role is chosen by {@code ANCHORHOLD_ROLES}.
 *
 * <p>Equal inputs give an equal digest: file times are constant, the order of files is fixed, and the time of creation is the commit's.
 */
final class ContainerImage {
    static final String APPLICATION = "/app";

    /**
     * Flags of the JVM for whoever gives none; the chart gives its own, which replace these. One collector thread, and of the two compilers
     * the quick one: docs/performance.md has what that gains.
     */
    private static final String JVM_FLAGS =
            "-XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:MaxRAMPercentage=50";

    private final Architecture architecture;
    private final DebianBase base;
    private final JavaRuntime java;
    private final Path application;
    private final Source source;

    /** @param application the folder {@code target/quarkus-app} */
    ContainerImage(Architecture architecture, DebianBase base, JavaRuntime java, Path application, Source source) {
        this.architecture = architecture;
        this.base = base;
        this.java = java;
        this.application = application;
        this.source = source;
    }

    /**
     * The state of the sources that it is built of.
     *
     * @param version the product's
     * @param revision the commit, with {@code -dirty} behind it when files differ from it
     * @param time of the commit
     */
    record Source(String version, String revision, Instant time) {}

    JibContainerBuilder description() throws IOException {
        if (!Files.exists(application.resolve("quarkus-run.jar"))) {
            throw new WorldFailure(
                    "The product is not built: " + application + " is missing. Run: ./mvnw package -DskipTests");
        }
        return Jib.fromScratch()
                .setFormat(ImageFormat.OCI)
                .setPlatforms(Set.of(new Platform(architecture.id, "linux")))
                .setCreationTime(source.time())
                // What changes seldom lies below what changes often, so that a node fetches little.
                .setFileEntriesLayers(List.of(base.layer(), java.layer(), libraries(), ownClasses()))
                .setEntrypoint(JavaRuntime.HOME + "/bin/java", "-jar", APPLICATION + "/quarkus-run.jar")
                .setEnvironment(new TreeMap<>(Map.of("JAVA_TOOL_OPTIONS", JVM_FLAGS, "JAVA_HOME", JavaRuntime.HOME)))
                .setUser(DebianBase.USER + ":" + DebianBase.USER)
                .setWorkingDirectory(AbsoluteUnixPath.get("/"))
                .setExposedPorts(Port.tcp(8080), Port.tcp(8081), Port.tcp(8082), Port.tcp(9000))
                .setLabels(labels());
    }

    /** Byte Buddy makes classes for Hibernate where nobody has made them before; Quarkus does when it builds. It is 9 MB. */
    private FileEntriesLayer libraries() throws IOException {
        FileEntriesLayer all = part("libraries", "lib");
        return all.toBuilder()
                .setEntries(all.getEntries().stream()
                        .filter(it ->
                                !it.getSourceFile().getFileName().toString().startsWith("net.bytebuddy.byte-buddy-"))
                        .toList())
                .build();
    }

    private FileEntriesLayer ownClasses() throws IOException {
        FileEntriesLayer.Builder layer = part("product", "app").toBuilder();
        add(layer, "quarkus");
        layer.addEntry(application.resolve("quarkus-run.jar"), AbsoluteUnixPath.get(APPLICATION + "/quarkus-run.jar"));
        return layer.build();
    }

    private FileEntriesLayer part(String name, String folder) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        add(layer, folder);
        return layer.build();
    }

    private void add(FileEntriesLayer.Builder layer, String folder) throws IOException {
        FileTree.add(
                layer,
                application.resolve(folder),
                AbsoluteUnixPath.get(APPLICATION).resolve(folder),
                (_, _) -> FilePermissions.DEFAULT_FILE_PERMISSIONS);
    }

    private Map<String, String> labels() {
        return new TreeMap<>(Map.of(
                "org.opencontainers.image.title",
                "anchorhold",
                "org.opencontainers.image.description",
                "One cloud server per agent and per plain VM, declared in Kubernetes",
                "org.opencontainers.image.licenses",
                "Apache-2.0",
                "org.opencontainers.image.version",
                source.version(),
                "org.opencontainers.image.revision",
                source.revision(),
                "org.opencontainers.image.created",
                source.time().toString()));
    }
}
