package dev.anchorhold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.ledger.verify.LocalMirror;
import dev.anchorhold.ledger.verify.LogSource;
import dev.anchorhold.ledger.verify.Verification;
import dev.anchorhold.world.WorldFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The books of a world whose product runs as pods: by the API, as the database has them, and as the log proves them. */
final class Books {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final WorldFolder folder;

    Books(WorldFolder folder) {
        this.folder = folder;
    }

    /** GET of a path below {@code /api/}, as a member of both sample accounts. */
    JsonNode read(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(request(path));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    /** Asks for the end of what is in the books and exists, which is refused. */
    void assertNotEnded(String uid) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(request("corrections")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"resource\": \"%s\", \"at\": \"%s\", \"reason\": \"a mistake\"}"
                        .formatted(uid, Instant.now()))));
        assertThat(answer.body()).contains("exists in Kubernetes");
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(companion() + "/api/" + path))
                .header(
                        "Authorization",
                        "Bearer " + Files.readString(Path.of(folder.exported("ANCHORHOLD_API_TOKEN_FILE"))));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    /** Verifies the whole log, and that it has all that it had the last time. */
    void verifyLog() throws IOException, InterruptedException {
        try (LogSource log = LogSource.of(companion() + "/log")) {
            assertThat(Verification.of(log)
                            .against(LocalMirror.open(folder.of("test/kept-log")))
                            .run()
                            .findings())
                    .isEmpty();
        }
    }

    /** The companion's database, as its superuser. */
    DataSource database() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(folder.exported("ANCHORHOLD_POSTGRES").replace("/postgres?", "/anchorhold?"));
        return source;
    }

    private String companion() {
        return folder.exported("ANCHORHOLD_COMPANION");
    }
}
