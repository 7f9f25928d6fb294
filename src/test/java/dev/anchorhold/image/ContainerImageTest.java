package dev.anchorhold.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.world.Chart;
import dev.anchorhold.world.CompanionDatabase;
import dev.anchorhold.world.CompanionProcess;
import dev.anchorhold.world.CompanionProcess.DatabaseAndKeys;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.OperatorProcess;
import dev.anchorhold.world.Postgres;
import dev.anchorhold.world.ProductProcess.Settings;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.SignInLinks;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolvedModule;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds the image, looks into it, and runs the product in it as the strictest cluster would. */
@Tag("slow")
class ContainerImageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BYTES = 180_000_000;
    /** What runs a command that somebody smuggles in. */
    private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "busybox", "env", "perl", "python3");

    @TempDir
    static Path folder;

    private static Path archive;
    private static Path again;
    private static Path layout;
    private static Path root;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mmdebstrap")),
                "mmdebstrap is missing: apt-get install mmdebstrap");
        archive = built("first");
        again = built("second");
        layout = Files.createDirectories(folder.resolve("layout"));
        root = Files.createDirectories(folder.resolve("root"));
        tar("-xf", archive.toString(), "-C", layout.toString());
        for (JsonNode it : manifest().get("layers")) {
            tar("--warning=no-unknown-keyword", "-xzf", blob(it).toString(), "-C", root.toString());
        }
    }

    @Test
    void built_twice_it_has_the_same_digest() throws IOException, InterruptedException {
        assertThat(Files.mismatch(archive, again))
                .as("the first byte that differs")
                .isEqualTo(-1);
    }

    @Test
    void the_demos_image_has_the_same_digest_too_and_says_that_it_is_one() throws IOException, InterruptedException {
        Path first = folder.resolve("first-demo.tar");
        assertThat(Files.mismatch(first, folder.resolve("second-demo.tar")))
                .as("the first byte that differs")
                .isEqualTo(-1);

        Path demo = Files.createDirectories(folder.resolve("demo-layout"));
        tar("-xf", first.toString(), "-C", demo.toString());
        JsonNode config =
                JSON.readTree(blob(demo, manifest(demo).get("config")).toFile()).get("config");
        assertThat(config.at("/Labels/org.opencontainers.image.title").asText()).isEqualTo("anchorhold-demo");
        assertThat(config.at("/User").asText()).isEqualTo("65532:65532");
        assertThat(manifest(demo).get("layers"))
                .as("a node that has the product fetches little more")
                .containsAll(manifest().get("layers"));
    }

    @Test
    void it_says_what_it_is_and_runs_as_an_ordinary_user() throws IOException {
        JsonNode config = JSON.readTree(blob(manifest().get("config")).toFile());

        assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
        assertThat(config.at("/os").asText()).isEqualTo("linux");
        assertThat(config.at("/architecture").asText()).isEqualTo(Architecture.ofThisComputer().id);
        JsonNode labels = config.at("/config/Labels");
        assertThat(labels.at("/org.opencontainers.image.version").asText()).isEqualTo(ImageBuild.chartVersion());
        assertThat(labels.at("/org.opencontainers.image.revision").asText()).isNotEmpty();
        assertThat(labels.at("/org.opencontainers.image.licenses").asText()).isEqualTo("Apache-2.0");
    }

    @Test
    void there_is_no_shell_no_setuid_no_key_and_little_else_in_it() throws IOException {
        long bytes = 0;
        List<String> strange = new ArrayList<>();
        for (Path it : files(root)) {
            bytes += Files.size(it);
            int mode = (int) Files.getAttribute(it, "unix:mode");
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(it);
            if (SHELLS.contains(it.getFileName().toString())
                    || (mode & 06000) != 0
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)
                    || isSecret(it)) {
                strange.add(root.relativize(it).toString());
            }
        }

        assertThat(strange).isEmpty();
        assertThat(bytes).as("bytes unpacked").isLessThan(MOST_BYTES);
    }

    private static boolean isSecret(Path file) throws IOException {
        String name = file.getFileName().toString();
        return name.endsWith(".env")
                || name.endsWith(".kubeconfig")
                || Files.size(file) < 100_000
                        && Files.readString(file, StandardCharsets.ISO_8859_1).contains("PRIVATE KEY-----\n");
    }

    @Test
    void the_jvm_has_each_module_that_a_class_of_the_product_refers_to() throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        for (Path jar : files(Programs.CHECKOUT.resolve("target/quarkus-app"))) {
            // Code generators of Vert.x, which nothing calls; they want the compiler.
            if (jar.toString().endsWith(".jar")
                    && !jar.toString().contains("codegen")
                    && !jar.toString().contains("generator")) {
                unpackClasses(jar, classes);
            }
        }
        StringWriter output = new StringWriter();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(
                        new PrintWriter(output),
                        new PrintWriter(nowhere),
                        "--ignore-missing-deps",
                        "--print-module-deps",
                        classes.toString());

        ModuleFinder all = ModuleFinder.ofSystem();
        Set<String> inTheImage =
                Configuration.empty().resolve(all, ModuleFinder.of(), JavaRuntime.MODULES).modules().stream()
                        .map(ResolvedModule::name)
                        .collect(Collectors.toSet());
        assertThat(new TreeSet<>(List.of(output.toString().strip().split(","))))
                .isNotEmpty()
                .isSubsetOf(inTheImage);
    }

    private static void unpackClasses(Path jar, Path target) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            for (Path it : files(content.getPath("/"))) {
                String name = it.toString();
                if (name.endsWith(".class") && !name.endsWith("module-info.class") && !name.startsWith("/META-INF/")) {
                    Path copy = target.resolve(name.substring(1));
                    Files.createDirectories(copy.getParent());
                    if (!Files.exists(copy)) {
                        Files.copy(it, copy);
                    }
                }
            }
        }
    }

    @Test
    void F104_the_operator_runs_as_any_user_with_a_read_only_root_and_no_capabilities() throws IOException {
        assumeRoot();
        Path own = Files.createDirectories(folder.resolve("operator"));
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        Settings settings =
                new Settings(own, copy(chart.operatorKubeconfig(), own), Map.of()).inContainer(container(own));
        try (OperatorProcess operator = OperatorProcess.start(settings).awaitReady()) {
            assertConfined(operator.pid());
        }
    }

    @Test
    void F104_the_companion_does_too_and_migrates_its_database() throws Exception {
        assumeRoot();
        Path own = Files.createDirectories(folder.resolve("companion"));
        Chart chart = Chart.install(ControlPlane.shared(), Map.of());
        Settings settings = new Settings(
                        own, copy(chart.companionKubeconfig(), own), Map.of("ANCHORHOLD_SIGN_IN_LINKS", "true"))
                .inContainer(container(own));
        CompanionDatabase database = CompanionDatabase.in(Postgres.shared(), "in-a-container");
        try (CompanionProcess companion = CompanionProcess.start(settings, new DatabaseAndKeys(database, own))
                .awaitReady()) {
            assertConfined(companion.pid());
            assertThat(SignInLinks.follow(SignInLinks.create(database, companion.uri(), "somebody", null))
                            .statusCode())
                    .as("Hibernate works without what the image leaves out")
                    .isEqualTo(303);
        }
    }

    private static void assumeRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "root is needed to run a container");
    }

    private static List<String> container(Path own) {
        return List.of(Programs.CHECKOUT.resolve("k8s-dev/image/run").toString(), root.toString(), own.toString());
    }

    private static Path copy(Path file, Path own) throws IOException {
        return Files.copy(file, own.resolve("kubeconfig"));
    }

    /** What the kernel says of the JVM, the last descendant of the program that was started. */
    private static void assertConfined(long pid) throws IOException {
        ProcessHandle jvm = ProcessHandle.of(pid)
                .orElseThrow()
                .descendants()
                .reduce((_, last) -> last)
                .orElseThrow();
        assertThat(Files.readString(Path.of("/proc/" + jvm.pid() + "/status")))
                .contains(
                        "Uid:\t31415\t31415",
                        "CapEff:\t0000000000000000",
                        "CapPrm:\t0000000000000000",
                        "NoNewPrivs:\t1");
        assertThat(Files.readString(Path.of("/proc/" + jvm.pid() + "/mounts"))
                        .lines()
                        .filter(it -> it.contains(" / "))
                        .toList())
                .last()
                .asString()
                .contains(" ro,");
    }

    private static Path built(String name) throws IOException, InterruptedException {
        Path archive = folder.resolve(name + ".tar");
        ImageBuild.writeBoth(archive, folder.resolve(name));
        return archive;
    }

    private static JsonNode manifest() throws IOException {
        return manifest(layout);
    }

    private static JsonNode manifest(Path layout) throws IOException {
        return JSON.readTree(blob(
                        layout,
                        JSON.readTree(layout.resolve("index.json").toFile()).at("/manifests/0"))
                .toFile());
    }

    private static Path blob(JsonNode descriptor) {
        return blob(layout, descriptor);
    }

    private static Path blob(Path layout, JsonNode descriptor) {
        return layout.resolve("blobs/" + descriptor.get("digest").asText().replace(':', '/'));
    }

    private static List<Path> files(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static void tar(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("tar"));
        line.addAll(List.of(arguments));
        assertThat(new ProcessBuilder(line).inheritIO().start().waitFor()).isZero();
    }
}
