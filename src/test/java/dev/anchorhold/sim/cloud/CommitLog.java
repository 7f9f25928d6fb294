package dev.anchorhold.sim.cloud;

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
 * A simulator's state on disk: an append-only file with one JSON line for each commit. A torn last line (the process
 * was killed) is ignored: that commit never happened. On open the whole is read and rewritten as one line, so it does
 * not grow with its age. Rows are written field by field as they are, so a renamed field is lost from old files.
 */
public final class CommitLog implements AutoCloseable {
    /** A stored resource. Its class's simple name is written to the file. */
    public interface StoredRow {
        /** Unique among those of its kind. */
        long number();
    }

    /** The rows that a log stores and restores. */
    public interface StoredRows {
        Collection<Class<? extends StoredRow>> kinds();

        Collection<? extends StoredRow> everything();

        /** The next number that is free. */
        long nextNumber();

        void restoreNextNumber(long number);

        void restore(StoredRow storedRow);

        void forget(Class<? extends StoredRow> kind, JsonNode number);
    }

    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .visibility(PropertyAccessor.ALL, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final OutputStream out;

    private CommitLog(OutputStream out) {
        this.out = out;
    }

    /** Restores the rows from the file, and opens it for what is committed from then on. */
    public static CommitLog open(Path file, StoredRows storedRows) {
        try {
            Files.createDirectories(file.getParent());
            if (Files.exists(file)) replay(file, storedRows);
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, line(storedRows.nextNumber(), storedRows.everything(), List.of()));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new CommitLog(Files.newOutputStream(file, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replay(Path file, StoredRows storedRows) throws IOException {
        Map<String, Class<? extends StoredRow>> kinds =
                storedRows.kinds().stream().collect(Collectors.toMap(Class::getSimpleName, Function.identity()));
        try (var lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode commit;
                try {
                    commit = JSON.readTree(line);
                } catch (JsonProcessingException torn) {
                    return;
                }
                storedRows.restoreNextNumber(commit.path("nextId").asLong());
                for (JsonNode put : commit.path("put")) {
                    storedRows.restore(JSON.treeToValue(
                            put.path("row"), kinds.get(put.path("kind").asText())));
                }
                for (JsonNode gone : commit.path("gone")) {
                    storedRows.forget(kinds.get(gone.path("kind").asText()), gone.path("id"));
                }
            }
        }
    }

    public void append(
            long nextNumber, Collection<? extends StoredRow> changed, Collection<? extends StoredRow> removed) {
        try {
            out.write(line(nextNumber, changed, removed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] line(
            long nextNumber, Collection<? extends StoredRow> changed, Collection<? extends StoredRow> removed)
            throws JsonProcessingException {
        var commit = JSON.createObjectNode().put("nextId", nextNumber);
        var put = commit.putArray("put");
        changed.forEach(row ->
                put.addObject().put("kind", row.getClass().getSimpleName()).set("row", JSON.valueToTree(row)));
        var gone = commit.putArray("gone");
        removed.forEach(row ->
                gone.addObject().put("kind", row.getClass().getSimpleName()).put("id", row.number()));
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
