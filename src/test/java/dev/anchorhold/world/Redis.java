package dev.anchorhold.world;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import redis.embedded.core.ExecutableProvider;

/** Runs a Redis 6.2 with durable data (append-only file, synced each second), on 127.0.0.1, without a password. */
public final class Redis implements WorldPart {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Daemon daemon;
    private final int port;

    private Redis(Daemon daemon, int port) {
        this.daemon = daemon;
        this.port = port;
    }

    /** Starts it in the folder, with what it held the last time; one that a killed JVM left running there is stopped first. */
    public static Redis start(Path folder, int port) {
        Daemon.stopLeftovers(folder);
        Path program = program();
        Redis it = new Redis(
                Daemon.start(
                        "redis",
                        folder,
                        Map.of(),
                        List.of(
                                program.toString(),
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                Integer.toString(port),
                                "--dir",
                                folder.toAbsolutePath().toString(),
                                "--appendonly",
                                "yes")),
                port);
        it.daemon.await("ready", PATIENCE, () -> it.answers("PING").equals("+PONG"));
        return it;
    }

    private static Path program() {
        try {
            return ExecutableProvider.newJarResourceProvider().get().toPath().toAbsolutePath();
        } catch (IOException e) {
            throw new WorldFailure("There is no Redis for this kind of machine: " + e.getMessage(), e);
        }
    }

    public int port() {
        return port;
    }

    /** The first line that it answers to a command; empty when it does not answer. */
    String answers(String command) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public Health health() {
        return answers("PING").equals("+PONG")
                ? new Health(true, "127.0.0.1:" + port)
                : new Health(false, "does not answer; its log: " + daemon.log());
    }

    @Override
    public List<Restartable> processes() {
        return List.of(daemon);
    }

    @Override
    public void close() {
        daemon.close();
    }
}
