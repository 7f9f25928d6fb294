package dev.anchorhold.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.world.ControlPlane;
import dev.anchorhold.world.ProductProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Collects the places where a secret could turn up, as text that can be searched. */
final class LeakSurfaces {
    private static final ObjectMapper JSON = new ObjectMapper();

    private LeakSurfaces() {}

    /** What a process tells, writes and is told. */
    static Map<String, String> of(ProductProcess process) throws IOException, InterruptedException {
        String name = "the " + process.name();
        Map<String, String> places = new LinkedHashMap<>();
        places.put(name + "'s log", Files.readString(process.log()));
        places.put(name + "'s metrics", get(process.managementUri().resolve("/q/metrics")));
        places.put(name + "'s health", get(process.managementUri().resolve("/q/health")));
        places.put(name + "'s environment", process(process.pid(), "environ"));
        return places;
    }

    /** Every object of every kind that can be listed but Secrets, and without the specs of Agents, in which people write. */
    static String kubernetes() {
        var cluster = ControlPlane.shared();
        List<String> kinds = cluster.kubectl("api-resources", "--verbs=list", "--output=name")
                .lines()
                .filter(kind -> !kind.equals("secrets"))
                .toList();
        String all = cluster.kubectl(
                "get", String.join(",", kinds), "--all-namespaces", "--output=json", "--show-managed-fields");
        try {
            JsonNode list = JSON.readTree(all);
            for (JsonNode item : list.get("items")) {
                if (item.path("kind").asText().equals("Agent")) {
                    ((ObjectNode) item).remove("spec");
                }
            }
            return list.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of all processes of the machine. */
    static String commandLines() {
        List<String> lines = new ArrayList<>();
        ProcessHandle.allProcesses().forEach(p -> lines.add(process(p.pid(), "cmdline")));
        return String.join("\n", lines);
    }

    /** Empty when it has ended, or there is no such thing on this system. */
    private static String process(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return "";
        }
    }

    static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> places = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                places.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return places;
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body();
        }
    }
}
