package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.GoProgram;
import dev.anchorhold.sim.cloud.Prerequisites;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads from the sources of hcloud-go, in the version that k8s-dev/conformance uses, which error codes and which fields
 * of each answer Hetzner's own client knows.
 */
public final class HcloudGoSources {
    private static final String MODULE = "github.com/hetznercloud/hcloud-go/v2";
    private static final Pattern CODE =
            Pattern.compile("^\\s*Error\\w+\\s+(?:ErrorCode)?\\s*= \"([a-z0-9_]+)\"", Pattern.MULTILINE);
    private static final Pattern STRUCT =
            Pattern.compile("^type (\\w+) struct \\{\\n(.*?)^\\}", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern FIELD = Pattern.compile("^\\t\\w+\\s+(\\S+)\\s+`json:\"(\\w+)", Pattern.MULTILINE);

    private final Path folder;

    public HcloudGoSources() {
        Prerequisites.require(GoProgram.go() != null, "Go is not installed: https://go.dev/dl, 1.26 or newer");
        run("mod", "download", MODULE);
        this.folder = Path.of(run("list", "-m", "-f", "{{.Dir}}", MODULE)).resolve("hcloud");
    }

    /** Every error code that it gives a name. */
    public Set<String> errorCodes() {
        return CODE.matcher(read(folder.resolve("error.go")))
                .results()
                .map(code -> code.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What can be done to a resource: the verbs of {@code /servers/{id}/actions/…}. */
    public Set<String> actions(String resource) {
        var action = Pattern.compile("\"/" + resource + "/%d/actions/(\\w+)");
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".go"))
                    .flatMap(file -> action.matcher(read(file)).results())
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fields of each object of its schema: name and Go type. */
    public Map<String, Map<String, String>> structs() {
        var structs = new TreeMap<String, Map<String, String>>();
        try (var files = Files.list(folder.resolve("schema"))) {
            files.filter(file -> file.toString().endsWith(".go"))
                    .forEach(file -> STRUCT.matcher(read(file)).results().forEach(struct -> {
                        var fields = new LinkedHashMap<String, String>();
                        FIELD.matcher(struct.group(2))
                                .results()
                                .forEach(field -> fields.put(field.group(2), field.group(1)));
                        if (struct.group(2).contains("\n\tDeprecatableResource\n"))
                            fields.put("deprecation", "*DeprecationInfo");
                        structs.put(struct.group(1), fields);
                    }));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return structs;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... arguments) {
        try {
            var command = new ArrayList<>(List.of(GoProgram.go()));
            command.addAll(List.of(arguments));
            var process = new ProcessBuilder(command)
                    .directory(Path.of("k8s-dev/conformance").toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String output = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor() != 0) throw new IllegalStateException(String.join(" ", command) + " failed");
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
