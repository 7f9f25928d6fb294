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
 * Validates user data with the genuine {@code cloud-init schema}, offline, in two versions: Debian 12's (22.4, what
 * most images carry) and Debian 13's (25.1), which also finds keys that do not exist. Fetched once by {@code
 * k8s-dev/guests/fetch-cloud-init}.
 *
 * <p>By hand: {@code java … dev.anchorhold.sim.guest.CloudInitSchema FILE…}
 */
public final class CloudInitSchema {

    private static final Map<String, List<String>> CACHE = new ConcurrentHashMap<>();
    private static final Pattern QUOTED = Pattern.compile("[\\[{].*?[\\]}](?= is )", Pattern.DOTALL);

    private CloudInitSchema() {}

    /**
     * What is wrong with a document, each problem led by the version that found it; empty when both accept it.
     * Mappings and lists of the document are not quoted, since they hold keys and password hashes.
     */
    public static List<String> check(String document) {
        return CACHE.computeIfAbsent(document, CloudInitSchema::validate);
    }

    private static List<String> validate(String document) {
        return Validators.ALL.parallelStream()
                .flatMap(validator -> validator.problems(document).stream())
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

    /** The validators, started when the first document comes. */
    private static final class Validators {
        static final List<Validator> ALL = start();

        private static List<Validator> start() {
            var folder = Path.of(HostCommand.script("fetch-cloud-init").runWithStderr());
            try (Stream<Path> versions = Files.list(folder)) {
                return versions.filter(version -> !version.endsWith("libraries"))
                        .sorted()
                        .map(version -> new Validator(version, folder.resolve("libraries")))
                        .toList();
            } catch (IOException e) {
                throw new GuestFailure("cloud-init cannot be read in " + folder, e);
            }
        }
    }

    /** One version of cloud-init, loaded once. Its process ends with this one, however that ends: its input is closed then. */
    private static final class Validator {
        private static final ObjectMapper JSON = new ObjectMapper();

        private final String version;
        private final BufferedWriter documents;
        private final BufferedReader results;

        Validator(Path cloudInit, Path libraries) {
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
                results = process.inputReader(StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new GuestFailure("python3 cannot be run: " + e.getMessage(), e);
            }
        }

        synchronized List<String> problems(String document) {
            try {
                documents.write(Base64.getEncoder().encodeToString(document.getBytes(StandardCharsets.UTF_8)) + "\n");
                documents.flush();
                var line = results.readLine();
                if (line == null) {
                    throw new IOException("it ended");
                }
                var result = JSON.readTree(line);
                return result.get("code").asInt() == 0
                        ? List.of()
                        : messages(result.get("output").asText());
            } catch (IOException e) {
                throw new GuestFailure("cloud-init %s schema: %s".formatted(version, e.getMessage()), e);
            }
        }

        /** The command's errors without its headings: one for each problem, or its output as it is. */
        private List<String> messages(String output) {
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
