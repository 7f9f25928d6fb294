package dev.anchorhold.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Finds the programs of the control plane, or builds them. In this order: the folder named by {@code KUBEBUILDER_ASSETS} (the
 * convention of controller-runtime's envtest), our own build if it is in the cache, kubectl and helm from {@code PATH}, and
 * at last our own build from Go modules, made now ({@code k8s-dev/controlplane}, some minutes, once).
 */
public final class Programs {
    /** The root of the checkout; the Maven build and {@code ./dev} both run there. */
    public static final Path CHECKOUT = Path.of("").toAbsolutePath();

    /** Clients, of which any recent version will do. */
    private static final Set<String> FROM_PATH = Set.of("kubectl", "helm");

    /** Where our own build lies, once it was found: asking for it costs two processes. */
    private static volatile Optional<Path> built = Optional.empty();

    private Programs() {}

    /** @throws WorldFailure when it is nowhere and cannot be built; the message says what to install */
    public static Path find(String program) {
        return assets().map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .or(() -> build("--where").map(folder -> folder.resolve(program)))
                .or(() -> fromPath(program))
                .or(() -> build().map(folder -> folder.resolve(program)))
                .orElseThrow(() -> new WorldFailure("There is no " + program
                        + ": neither in KUBEBUILDER_ASSETS nor could it be built (see above)."));
    }

    /** The folder with the programs of a whole cluster, {@code k8s-dev/cluster}; built if need be. */
    public static Path cluster() {
        return output("--cluster")
                .orElseThrow(
                        () -> new WorldFailure("The programs of the cluster could not be built; the reason is above."));
    }

    /** Like {@link #find}, for a program that one can do without when the user brought a folder of their own. */
    static Optional<Path> findOptional(String program) {
        if (assets().isPresent()) {
            return Stream.of(assets(), build("--where"))
                    .flatMap(Optional::stream)
                    .map(folder -> folder.resolve(program))
                    .filter(Files::isExecutable)
                    .findFirst();
        }
        return Optional.of(find(program));
    }

    private static Optional<Path> assets() {
        return Optional.ofNullable(System.getenv("KUBEBUILDER_ASSETS"))
                .filter(it -> !it.isBlank())
                .map(Path::of);
    }

    private static Optional<Path> fromPath(String program) {
        if (!FROM_PATH.contains(program)) {
            return Optional.empty();
        }
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The folder that build.sh prints, when it succeeds. Its progress goes to our own standard error. */
    private static Optional<Path> build(String... arguments) {
        if (built.isEmpty()) {
            built = output(arguments);
        }
        return built;
    }

    private static Optional<Path> output(String... arguments) {
        try {
            Process script = new ProcessBuilder(Stream.concat(
                                    Stream.of(CHECKOUT.resolve("k8s-dev/controlplane/build.sh")
                                            .toString()),
                                    Stream.of(arguments))
                            .toList())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String folder = new String(script.getInputStream().readAllBytes()).strip();
            return script.waitFor(1, TimeUnit.HOURS) && script.exitValue() == 0
                    ? Optional.of(Path.of(folder))
                    : Optional.empty();
        } catch (IOException e) {
            throw new WorldFailure("Cannot run k8s-dev/controlplane/build.sh: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorldFailure("Interrupted while the control plane was being built", e);
        }
    }
}
