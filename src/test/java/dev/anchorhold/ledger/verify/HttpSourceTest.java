package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpSourceTest {
    @TempDir
    Path folder;

    private final AtomicInteger failures = new AtomicInteger();
    private HttpServer server;
    private LogSource source;

    @BeforeEach
    void aServer() throws IOException {
        var log = InMemoryLog.of(600, InMemoryLog.aKey(folder));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/log/", exchange -> {
            try (exchange) {
                var path = exchange.getRequestURI().getPath().substring("/log/".length());
                var status = path.equals("broken") || failures.getAndDecrement() > 0 ? 503 : 200;
                var body = log.read(path).orElse(new byte[0]);
                if (path.equals("damaged")) {
                    status = 500;
                    body = "{\"detail\": \"DamagedLog: a row is not what it was\", \"index\": 17}".getBytes(UTF_8);
                } else if (path.equals("refused")) {
                    status = 403;
                } else if (body.length == 0 && status == 200) {
                    status = 404;
                }
                exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        source = LogSource.of(
                "http://127.0.0.1:%d/log/".formatted(server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        source.close();
        server.stop(0);
    }

    @Test
    void a_log_is_read_over_HTTP() throws Exception {
        assertThat(Verification.of(source)
                        .against(LocalMirror.open(folder.resolve("kept")))
                        .run()
                        .findings())
                .isEmpty();
        assertThat(source.read("tile/0/017")).isEmpty();
    }

    @Test
    void a_call_that_fails_for_the_moment_is_made_again() throws Exception {
        failures.set(2);
        assertThat(source.read("key")).isPresent();
        assertThatThrownBy(() -> source.read("broken"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("503");
    }

    @Test
    void a_refusal_is_no_missing_file() {
        assertThatThrownBy(() -> source.read("refused"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("403");
    }

    @Test
    void a_log_that_says_that_it_is_damaged_is_understood() {
        assertThatThrownBy(() -> source.read("damaged")).isInstanceOfSatisfying(LogSource.Damaged.class, it -> {
            assertThat(it).hasMessage("a row is not what it was");
            assertThat(it.index()).hasValue(17);
        });
    }
}
