package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The simulator's memory on disk: one JSON line a commit. A torn last line (the process was killed) never happened. On open
 * the whole is read and rewritten as one line, so it does not grow with its age.
 */
final class Journal implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .visibility(PropertyAccessor.ALL, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();
    private static final Map<String, Class<? extends Row>> KINDS =
            Store.KINDS.stream().collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

    private final OutputStream out;

    private Journal(OutputStream out) {
        this.out = out;
    }

    static Journal open(Path folder, Store store) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("hetzner.jsonl");
        if (Files.exists(file)) replay(file, store);
        Path fresh = folder.resolve("hetzner.jsonl.new");
        List<Row> everything =
                Store.KINDS.stream().flatMap(kind -> store.rows(kind).stream()).toList();
        Files.write(fresh, line(store.peekNextId(), everything, List.of()));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new Journal(Files.newOutputStream(file, StandardOpenOption.APPEND));
    }

    private static void replay(Path file, Store store) throws IOException {
        try (var lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode commit;
                try {
                    commit = JSON.readTree(line);
                } catch (JsonProcessingException torn) {
                    return;
                }
                store.restoreNextId(commit.path("nextId").asLong());
                for (JsonNode put : commit.path("put")) {
                    store.restore(JSON.treeToValue(
                            put.path("row"), KINDS.get(put.path("kind").asText())));
                }
                for (JsonNode gone : commit.path("gone")) {
                    store.forget(
                            KINDS.get(gone.path("kind").asText()),
                            gone.path("id").asLong());
                }
            }
        }
    }

    void append(long nextId, Collection<Row> changed, Collection<Row> removed) {
        try {
            out.write(line(nextId, changed, removed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] line(long nextId, Collection<Row> changed, Collection<Row> removed)
            throws JsonProcessingException {
        var commit = JSON.createObjectNode().put("nextId", nextId);
        var put = commit.putArray("put");
        changed.forEach(row ->
                put.addObject().put("kind", row.getClass().getSimpleName()).set("row", JSON.valueToTree(row)));
        var gone = commit.putArray("gone");
        removed.forEach(row ->
                gone.addObject().put("kind", row.getClass().getSimpleName()).put("id", row.id));
        return (JSON.writeValueAsString(commit) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
