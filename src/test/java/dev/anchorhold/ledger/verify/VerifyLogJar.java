package dev.anchorhold.ledger.verify;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A run of the small jar as a process of its own: its exit code and output. */
public record VerifyLogJar(int exit, String out, String err) {
    private static final Path JAR = Path.of("target/anchorhold-verify-log.jar");

    public static VerifyLogJar run(String... arguments) throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var command =
                new ArrayList<>(List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        File out = File.createTempFile("verify-log", "out");
        File err = File.createTempFile("verify-log", "err");
        try {
            var process = new ProcessBuilder(command)
                    .redirectOutput(out)
                    .redirectError(err)
                    .start();
            return new VerifyLogJar(process.waitFor(), Files.readString(out.toPath()), Files.readString(err.toPath()));
        } finally {
            Files.delete(out.toPath());
            Files.delete(err.toPath());
        }
    }
}
