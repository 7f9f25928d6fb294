package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The genuine {@code cloud-init schema}, offline, in two ages: Debian 12's (22.4, what most images carry) and Debian 13's
 * (25.1), which also knows the keys that do not exist. Fetched once by {@code k8s-dev/guests/fetch-cloud-init}.
 *
 * <p>By hand: {@code java … dev.anchorhold.sim.guest.CloudInitSchema FILE…}
 */
public final class CloudInitSchema {

    private static final Map<String, List<String>> KNOWN = new ConcurrentHashMap<>();
    private static final Pattern QUOTED = Pattern.compile("[\\[{].*?[\\]}](?= is )", Pattern.DOTALL);

    private CloudInitSchema() {}

    /**
     * What is wrong with a document, each problem led by the version that found it; empty when both are content.
     * Mappings and lists of the document are not quoted, since keys and password hashes stand in them.
     */
    public static List<String> check(String document) {
        return KNOWN.computeIfAbsent(document, CloudInitSchema::judge);
    }

    private static List<String> judge(String document) {
        return Judges.ALL.parallelStream()
                .flatMap(judge -> judge.problems(document).stream())
                .toList();
    }

    public static void main(String[] files) throws IOException {
        var problems = new ArrayList<String>();
        for (var file : files) {
            check(Files.readString(Path.of(file))).forEach(problem -> problems.add(file + ": " + problem));
        }
        problems.forEach(System.out::println);
        System.exit(problems.isEmpty() ? 0 : 1);
    }

    /** Started when the first document comes. */
    private static final class Judges {
        static final List<Judge> ALL = start();

        private static List<Judge> start() {
            var folder = Path.of(HostCommand.script("fetch-cloud-init").runAloud());
            try (Stream<Path> versions = Files.list(folder)) {
                return versions.filter(version -> !version.endsWith("libraries"))
                        .sorted()
                        .map(version -> new Judge(version, folder.resolve("libraries")))
                        .toList();
            } catch (IOException e) {
                throw new GuestFailure("cloud-init cannot be read in " + folder, e);
            }
        }
    }

    /** One version of cloud-init, loaded once. Its process ends when this one does, however that ends: its input is gone then. */
    private static final class Judge {
        private static final ObjectMapper JSON = new ObjectMapper();

        private final String version;
        private final BufferedWriter documents;
        private final BufferedReader verdicts;

        Judge(Path cloudInit, Path libraries) {
            version = cloudInit.getFileName().toString();
            var python = Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
            var builder = new ProcessBuilder(
                            python, HostCommand.scripts().resolve("schema.py").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            var modules = "usr/lib/python3/dist-packages";
            builder.environment().put("PYTHONPATH", cloudInit.resolve(modules) + ":" + libraries.resolve(modules));
            builder.environment().put("LC_ALL", "C.UTF-8");
            try {
                var process = builder.start();
                documents = process.outputWriter(StandardCharsets.UTF_8);
                verdicts = process.inputReader(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new GuestFailure("python3 cannot be run: " + e.getMessage(), e);
            }
        }

        synchronized List<String> problems(String document) {
            try {
                documents.write(Base64.getEncoder().encodeToString(document.getBytes(StandardCharsets.UTF_8)) + "\n");
                documents.flush();
                var line = verdicts.readLine();
                if (line == null) {
                    throw new IOException("it ended");
                }
                var verdict = JSON.readTree(line);
                return verdict.get("code").asInt() == 0
                        ? List.of()
                        : sentences(verdict.get("output").asText());
            } catch (IOException e) {
                throw new GuestFailure("cloud-init %s schema: %s".formatted(version, e.getMessage()), e);
            }
        }

        /** The command's errors without its headings: one a problem, or its words as they are. */
        private List<String> sentences(String output) {
            var text = QUOTED.matcher(output.strip()).replaceAll("{…}");
            var marker = "Cloud config schema errors: ";
            var start = text.indexOf(marker);
            var errors =
                    start < 0 ? text : text.substring(start + marker.length()).split("\n\n")[0];
            return Stream.of(errors.split(", (?=[a-z_-]+[.0-9a-z_-]*: )"))
                    .map(problem -> "cloud-init %s: %s".formatted(version, problem.strip()))
                    .toList();
        }
    }
}
