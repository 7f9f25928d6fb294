package dev.anchorhold.world;

import dev.anchorhold.world.ControlPlane.Storage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All parts of the local world, started in their order and stopped in the opposite one. */
public final class World implements AutoCloseable {
    private final WorldFolder folder;
    private final Consumer<String> say;
    private final List<Part> parts = new CopyOnWriteArrayList<>();
    private ControlPlane controlPlane;

    public World(WorldFolder folder, Consumer<String> say) {
        this.folder = folder;
        this.say = say;
    }

    /**
     * What the user asked for.
     *
     * @param kubeconfig the cluster to use instead of our own
     */
    public record Wishes(Optional<Path> kubeconfig) {}

    public void start(Wishes wishes) {
        controlPlane = part(
                "Kubernetes",
                () -> wishes.kubeconfig()
                        .map(it -> ControlPlane.connect(it, folder.of("kubernetes")))
                        .orElseGet(() -> ControlPlane.start(folder.of("kubernetes"), Storage.LASTING)));
        folder.writeEnvironment(List.of(
                new WorldFolder.Export("KUBECONFIG", controlPlane.kubeconfig().toString()),
                new WorldFolder.Export(
                        "ANCHORHOLD_KUBECTL", Programs.find("kubectl").toString())));
    }

    public List<Part> parts() {
        return List.copyOf(parts);
    }

    private <P extends Part> P part(String title, Supplier<P> start) {
        Instant began = Instant.now();
        P part = start.get();
        parts.add(part);
        say.accept(String.format(
                Locale.ROOT,
                "  %-12s %s  (%.1f s)",
                title,
                part.health().detail(),
                Duration.between(began, Instant.now()).toMillis() / 1000.0));
        return part;
    }

    @Override
    public void close() {
        folder.forgetEnvironment();
        parts.reversed().forEach(Part::close);
        parts.clear();
    }
}
