package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import dev.anchorhold.image.ContainerImage.Source;
import dev.anchorhold.image.DebianBase.DebianPackage;
import dev.anchorhold.world.Programs;
import dev.anchorhold.world.WorldFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Builds the product's image, and the demo's on request, and writes it to an archive, or pushes it to a registry: {@code ./dev image}. */
@Command(name = "./dev image", mixinStandardHelpOptions = true)
public final class ImageBuild implements Callable<Integer> {
    private static final String REPOSITORY = "ghcr.io/anchorhold/anchorhold";

    @Option(names = "--demo", description = "also the image of the demo (chart value demo.enabled): NAME-demo")
    boolean demo;

    @Option(names = "--output", description = "the archive to write")
    Path output = Path.of("target/image/anchorhold.tar");

    @Option(names = "--push", description = "REGISTRY/NAME:TAG to push to, instead of an archive")
    String push;

    @Option(names = "--insecure", description = "the registry to push to may speak plain HTTP")
    boolean insecure;

    @Option(names = "--arch", description = "amd64 or arm64; this computer's when left out")
    String arch = Architecture.ofThisComputer().id;

    @Option(names = "--jmods", description = "for another architecture: the folder jmods of its JDK")
    Path jmods;

    /** Where the parts are made, and where {@code ./dev image} has put Maven's list of the libraries. */
    private final Path work;

    private Path application = Programs.CHECKOUT.resolve("target/quarkus-app");
    private String tag = chartVersion();
    private DebianBase base;
    private JavaRuntime java;

    ImageBuild(Path work) {
        this.work = work;
    }

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ImageBuild(Programs.CHECKOUT.resolve("target/image")))
                .setExecutionExceptionHandler((e, _, _) -> {
                    System.err.println(e instanceof WorldFailure ? e.getMessage() : e.toString());
                    return 1;
                })
                .execute(arguments));
    }

    /**
     * Builds this computer's image into an archive.
     *
     * @param work for the parts that it is made of
     * @return what builds others of the same parts
     */
    public static ImageBuild write(Path archive, Path work) throws IOException, InterruptedException {
        ImageBuild build = new ImageBuild(work);
        build.output = archive;
        build.call();
        return build;
    }

    /** Builds one of another build of the product, {@code quarkus-app}, under a tag of its own. */
    void writeAnother(Path archive, Path quarkusApp, String itsTag) throws IOException, InterruptedException {
        output = archive;
        application = quarkusApp;
        tag = itsTag;
        call();
    }

    /** The same, and the demo's image beside it, {@code NAME-demo.tar}. */
    public static void writeBoth(Path archive, Path work) throws IOException, InterruptedException {
        ImageBuild build = new ImageBuild(work);
        build.demo = true;
        build.output = archive;
        build.call();
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Architecture architecture = Stream.of(Architecture.values())
                .filter(it -> it.id.equals(arch))
                .findFirst()
                .orElseThrow(() -> new WorldFailure("--arch is amd64 or arm64, not " + arch));
        if (architecture != Architecture.ofThisComputer() && jmods == null) {
            throw new WorldFailure(
                    "For " + arch + ", jlink needs that architecture's JDK of this very version, " + Runtime.version()
                            + ": fetch it and its jmods from https://adoptium.net, and name them: --jmods=FOLDER");
        }
        if (base == null) {
            base = DebianBase.extract(architecture, work.resolve("base"));
            java = JavaRuntime.link(work.resolve("java"), Optional.ofNullable(jmods));
        }
        ContainerImage product = new ContainerImage(architecture, base, java, application, source());
        build(new Build(product.description(), base.packages(), List.of(), ""), architecture);
        if (demo) {
            DemoImage more = DemoImage.prepare(architecture, work.resolve("demo"));
            build(
                    new Build(more.addTo(product.description()), more.packages(), List.of(more.postgresUrl()), "-demo"),
                    architecture);
        }
        return 0;
    }

    /**
     * One of the images.
     *
     * @param packages Debian's in it
     * @param more what else is in it that Maven does not list, by package URLs
     * @param suffix of its name
     */
    private record Build(
            JibContainerBuilder description, List<DebianPackage> packages, List<String> more, String suffix) {}

    private void build(Build build, Architecture architecture) throws IOException, InterruptedException {
        Path archive = Path.of(output.toString().replaceFirst("([.]tar)?$", build.suffix + "$1"));
        JibContainer built = push == null
                ? writeArchive(build, archive)
                : push(build.description, reference(push.replaceFirst("(:[^:/]+)?$", build.suffix + "$1")));
        Path libraries = work.resolve("libraries.cdx.json");
        Path sbom = Path.of(archive.toString().replaceFirst("[.]tar$", "") + ".cdx.json");
        if (Files.exists(libraries)) {
            Sbom.write(
                    libraries,
                    build.packages,
                    build.more,
                    architecture,
                    built.getDigest().toString(),
                    sbom);
        }
        System.out.println(built.getTargetImage() + "@" + built.getDigest());
        System.out.println(push == null ? "  written to " + archive : "  pushed");
        System.out.println("  what is in it: " + sbom);
    }

    private JibContainer writeArchive(Build build, Path archive) throws IOException, InterruptedException {
        Files.createDirectories(archive.toAbsolutePath().getParent());
        return containerize(
                build.description,
                Containerizer.to(TarImage.at(archive).named(reference(REPOSITORY + build.suffix + ":" + tag))));
    }

    /** With the credentials that {@code docker login}, or the like, has left in the user's files. */
    private JibContainer push(JibContainerBuilder image, ImageReference target)
            throws IOException, InterruptedException {
        CredentialRetrieverFactory credentials = CredentialRetrieverFactory.forImage(target, _ -> {});
        return containerize(
                image,
                Containerizer.to(RegistryImage.named(target)
                                .addCredentialRetriever(credentials.dockerConfig())
                                .addCredentialRetriever(credentials.wellKnownCredentialHelpers()))
                        .setAllowInsecureRegistries(insecure));
    }

    private JibContainer containerize(JibContainerBuilder image, Containerizer containerizer)
            throws IOException, InterruptedException {
        try {
            return image.containerize(containerizer
                    .setToolName("anchorhold")
                    .setBaseImageLayersCache(work.resolve("cache"))
                    .setApplicationLayersCache(work.resolve("cache")));
        } catch (ExecutionException e) {
            throw new WorldFailure(
                    "The image could not be written: " + e.getCause().getMessage(), e);
        } catch (RegistryException e) {
            throw new WorldFailure(
                    "The registry refused: " + e.getMessage() + ". Log in: docker login, or skopeo login", e);
        } catch (com.google.cloud.tools.jib.api.CacheDirectoryCreationException e) {
            throw new IOException(e);
        }
    }

    private static ImageReference reference(String text) {
        try {
            return ImageReference.parse(text);
        } catch (InvalidImageReferenceException e) {
            throw new WorldFailure("That is no name of an image: " + text + ". It has the form REGISTRY/NAME:TAG", e);
        }
    }

    /** The image's version is the one that the chart asks for. */
    static String chartVersion() {
        try {
            Matcher version = Pattern.compile("^appVersion: \"?([^\"\n]+)", Pattern.MULTILINE)
                    .matcher(Files.readString(Programs.CHECKOUT.resolve("helm/anchorhold/Chart.yaml")));
            return version.results().findFirst().orElseThrow().group(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code SOURCE_DATE_EPOCH}, the convention of reproducible builds, goes before the commit's time. */
    private static Source source() throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        String commit = git("rev-parse", "HEAD").orElse("unknown");
        boolean dirty = git("status", "--porcelain").map(it -> !it.isEmpty()).orElse(false);
        long seconds = Optional.ofNullable(environment.get("SOURCE_DATE_EPOCH"))
                .or(() -> git("log", "-1", "--format=%ct"))
                .map(Long::parseLong)
                .orElse(0L);
        return new Source(chartVersion(), commit + (dirty ? "-dirty" : ""), Instant.ofEpochSecond(seconds));
    }

    /** What git prints; empty where there is no git, or these files are not from it. */
    private static Optional<String> git(String... arguments) {
        try {
            Process git = new ProcessBuilder(Stream.concat(Stream.of("git"), Stream.of(arguments))
                            .toList())
                    .directory(Programs.CHECKOUT.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor() == 0 ? Optional.of(output) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
