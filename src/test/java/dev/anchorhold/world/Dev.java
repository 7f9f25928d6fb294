package dev.anchorhold.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The commands of {@code ./dev} that are written in Java: those that deal with the world as a whole. The script's help
 * describes them.
 */
@Command(name = "./dev")
public final class Dev {
    /** What the user types: {@code ./dev}, or {@code ./dev cluster}, whose commands are the same. */
    private static final String COMMAND =
            Optional.ofNullable(System.getenv("ANCHORHOLD_COMMAND")).orElse("./dev");

    private static final Duration PATIENCE_TO_STOP = Duration.ofSeconds(60);

    private final List<String> arguments;
    private final WorldFolder folder = new WorldFolder(Programs.CHECKOUT.resolve(
            Optional.ofNullable(System.getenv("ANCHORHOLD_WORLD")).orElse(".world")));

    private Dev(List<String> arguments) {
        this.arguments = arguments;
    }

    public static void main(String[] arguments) {
        int exitCode = new CommandLine(new Dev(List.of(arguments)))
                .setExecutionExceptionHandler((e, _, _) -> {
                    if (!(e instanceof WorldFailure)) {
                        e.printStackTrace();
                    }
                    System.err.println(e.getMessage());
                    return 1;
                })
                .execute(arguments);
        System.exit(exitCode);
    }

    @Command
    int up(
            @Option(names = "--detach") boolean detach,
            @Option(names = "--kubeconfig") Path kubeconfig,
            @Option(names = "--guests", defaultValue = "auto") String guests,
            @Option(names = "--speed", defaultValue = "1") double speed,
            @Option(names = "--with", split = ",") Set<String> with,
            @Option(names = "--images") Path images)
            throws IOException, InterruptedException {
        if (folder.isUsable()) {
            return mend();
        }
        if (detach) {
            return upInTheBackground();
        }
        Instant began = Instant.now();
        folder.take()
                .forEach(it -> System.out.println("  Stopped " + it + ", left running by a world that was killed."));
        World world = new World(folder, System.out::println);
        Runtime.getRuntime().addShutdownHook(new Thread(world::close, "stop the world"));
        List<String> toTry = world.start(new World.Options(
                Optional.ofNullable(kubeconfig).or(ControlPlane::namedByUser),
                guests,
                speed,
                Optional.ofNullable(with).orElse(Set.of()),
                Optional.ofNullable(images)));
        System.out.printf(
                """

                Usable after %1$d s. Try:
                  %2$s
                Your own shell: eval "$(%3$s env)". How it is: %3$s status. Stop it: %4$s
                """,
                Duration.between(began, Instant.now()).toSeconds(),
                String.join("\n  ", toTry).replace("./dev ", COMMAND + " "),
                COMMAND,
                System.getenv("ANCHORHOLD_DETACHED") == null ? "Ctrl-C, or " + COMMAND + " down" : COMMAND + " down");
        tidyUp();
        Thread.currentThread().join();
        return 0;
    }

    /** What killed runs and earlier versions left on this computer; not what anybody uses. */
    private static void tidyUp() {
        try {
            ThrowawayFolder.sweepAll();
            new ProcessBuilder(Programs.CHECKOUT.resolve("k8s-dev/prune-cache").toString())
                    .inheritIO()
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
        } catch (IOException | UncheckedIOException e) {
            System.err.println("What earlier runs left could not be removed: " + e);
        }
    }

    /** The world outlives this process: a JVM in a session of its own, whose output is shown until it is usable. */
    private int upInTheBackground() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("setsid", ProcessHandle.current().info().command().orElseThrow()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Dev.class.getName()));
        command.addAll(arguments.stream().filter(it -> !it.equals("--detach")).toList());
        Path log = folder.of("world.log");
        Files.createDirectories(log.getParent());
        Files.deleteIfExists(log);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("ANCHORHOLD_DETACHED", "yes");
        Process world = builder.start();
        int shown = 0;
        boolean over = false;
        while (!over) {
            over = !world.isAlive() || contains(log, "Usable after");
            Thread.sleep(100);
            byte[] all = Files.readAllBytes(log);
            System.out.write(all, shown, all.length - shown);
            System.out.flush();
            shown = all.length;
        }
        return world.isAlive() ? 0 : world.exitValue();
    }

    private static boolean contains(Path file, String text) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.anyMatch(it -> it.contains(text));
        }
    }

    @Command
    void down() {
        System.out.println(folder.stop(PATIENCE_TO_STOP) ? "Stopped." : "It was not running.");
    }

    @Command
    void reset() {
        folder.stop(PATIENCE_TO_STOP);
        folder.forgetAll();
        System.out.println("Forgotten. The next " + COMMAND + " up starts from nothing.");
    }

    @Command
    void login(@Option(names = "--as", defaultValue = SignInLinks.DEVELOPER) String subject) {
        if (!folder.isUsable()) {
            throw new WorldFailure("It is not running. Start it: " + COMMAND + " up --detach");
        }
        System.out.println(SignInLinks.create(folder, subject));
        System.out.printf(
                "Open it in a browser within %d minutes; it signs in %s, once.%n",
                SignInLinks.LIFETIME.toMinutes(), subject);
    }

    @Command
    int status() throws IOException, InterruptedException {
        if (!folder.isUsable()) {
            System.out.println(
                    folder.owner().isPresent()
                            ? "It is starting. See: " + COMMAND + " logs"
                            : "It is not running. Start it: " + COMMAND + " up --detach");
            return 1;
        }
        HttpResponse<String> answer = ask("GET", "", Duration.ofSeconds(30));
        System.out.print(answer.body());
        return answer.statusCode() == 200 ? 0 : 1;
    }

    /** What {@code up} does to a world that runs. */
    private int mend() throws IOException, InterruptedException {
        HttpResponse<String> answer = ask("GET", "", Duration.ofSeconds(30));
        if (answer.statusCode() == 200) {
            System.out.println("The world is running already:");
            System.out.print(answer.body());
            return 0;
        }
        System.out.println("The world is running, but not all of it. Mending it:");
        answer = ask("PUT", "mend", Duration.ofMinutes(7));
        System.out.print(answer.body());
        if (answer.statusCode() != 200) {
            System.out.println("That did not mend all. See %1$s logs, or start it anew: %1$s down && %1$s up --detach"
                    .formatted(COMMAND));
            return 1;
        }
        return 0;
    }

    private HttpResponse<String> ask(String method, String path, Duration limit)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(folder.exported("ANCHORHOLD_STATUS"))
                                    .resolve(path))
                            .method(method, BodyPublishers.noBody())
                            .timeout(limit)
                            .build(),
                    BodyHandlers.ofString());
        }
    }
}
