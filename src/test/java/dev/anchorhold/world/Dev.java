package dev.anchorhold.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The Java side of {@code ./dev}: the verbs that deal with the world as a whole. */
@Command(name = "./dev", mixinStandardHelpOptions = true)
public final class Dev {
    private final WorldFolder folder = new WorldFolder(Programs.CHECKOUT.resolve(".world"));

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Dev())
                .setExecutionExceptionHandler((e, _, _) -> {
                    if (!(e instanceof WorldFailure)) {
                        e.printStackTrace();
                    }
                    System.err.println(e.getMessage());
                    return 1;
                })
                .execute(arguments));
    }

    @Command(description = "Starts the world.")
    int up(
            @Option(names = "--detach", description = "Return when it is usable.") boolean detach,
            @Option(names = "--kubeconfig", description = "Use this cluster instead of our own.") Path kubeconfig)
            throws InterruptedException {
        if (detach) {
            return upInTheBackground(kubeconfig);
        }
        Instant began = Instant.now();
        folder.take()
                .forEach(it -> System.out.println("  Stopped " + it + ", left running by a world that was killed."));
        World world = new World(folder, System.out::println);
        Runtime.getRuntime().addShutdownHook(new Thread(world::close, "stop the world"));
        world.start(new World.Wishes(Optional.ofNullable(kubeconfig).or(ControlPlane::namedByUser)));
        System.out.printf(
                "%nUsable after %d s.%n", Duration.between(began, Instant.now()).toSeconds());
        Thread.currentThread().join();
        return 0;
    }

    /** The world outlives this process: a JVM of its own, whose output is shown until it is usable. */
    private int upInTheBackground(Path kubeconfig) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Dev.class.getName(), "up"));
        if (kubeconfig != null) {
            command.addAll(List.of("--kubeconfig", kubeconfig.toString()));
        }
        Path log = folder.of("world.log");
        try {
            Files.createDirectories(log.getParent());
            Files.deleteIfExists(log);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            long shown = 0;
            boolean over = false;
            while (!over) {
                over = !process.isAlive() || folder.isUsable();
                Thread.sleep(100);
                byte[] all = Files.readAllBytes(log);
                System.out.write(all, (int) shown, (int) (all.length - shown));
                System.out.flush();
                shown = all.length;
            }
            return process.isAlive() ? 0 : process.exitValue();
        } catch (IOException e) {
            throw new WorldFailure("Cannot start the world in the background: " + e.getMessage(), e);
        }
    }

    @Command(description = "Stops the world; what it knows stays.")
    void down() {
        System.out.println(folder.stop(Duration.ofSeconds(60)) ? "Stopped." : "It was not running.");
    }

    @Command(description = "Stops the world and forgets everything.")
    void reset() {
        folder.stop(Duration.ofSeconds(60));
        folder.forgetAll();
        System.out.println("Forgotten. The next ./dev up starts from nothing.");
    }
}
