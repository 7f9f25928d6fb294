package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long a connection may take for what: real connections, and a clock that the test holds. */
class ConnectionDeadlinesTest {
    private static final String HEAD = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n";

    private final AtomicLong now = new AtomicLong();
    private final ConnectionDeadlines deadlines = new ConnectionDeadlines(now::get);
    private final LinkedBlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Vertx vertx = Vertx.vertx();
    private HttpServer server;

    @BeforeEach
    void start() {
        server = vertx.createHttpServer(
                        HttpServers.options().setHost("127.0.0.1").setPort(0))
                .connectionHandler(connection -> {
                    deadlines.opened(connection);
                    connection.closeHandler(_ -> deadlines.closed(connection));
                    connections.incrementAndGet();
                })
                .requestHandler(request -> {
                    deadlines.begun(request);
                    requests.add(request);
                })
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void H18_a_body_that_comes_byte_by_byte_has_twenty_seconds_in_all() throws Exception {
        try (Socket slow = open()) {
            send(slow, HEAD);
            requests.take();
            for (int second = 0; second < 20; second += 5) {
                send(slow, "x");
                pass(5);
                assertThat(isOpen(slow)).isTrue();
            }
            pass(1);
            assertThat(isOpen(slow)).isFalse();
        }
    }

    @Test
    void H18_a_body_that_was_refused_before_it_came_has_no_longer() throws Exception {
        try (Socket slow = open()) {
            send(slow, HEAD);
            HttpServerRequest request = requests.take();
            request.response()
                    .setStatusCode(403)
                    .end()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            deadlines.ended(request.connection());
            pass(20);
            assertThat(isOpen(slow)).isTrue();
            pass(1);
            assertThat(isOpen(slow)).isFalse();
        }
    }

    @Test
    void H18_headers_that_do_not_end_have_twenty_seconds() throws Exception {
        try (Socket slow = open()) {
            send(slow, "GET /a HTTP/1.1\r\n");
            pass(20);
            send(slow, "X: y\r\n");
            assertThat(isOpen(slow)).isTrue();
            pass(1);
            assertThat(isOpen(slow)).isFalse();
        }
    }

    @Test
    void a_request_that_is_whole_may_wait_for_its_answer_for_two_minutes_and_the_next_one_too() throws Exception {
        try (Socket patient = open()) {
            send(patient, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
            HttpServerRequest request = requests.take();
            await().until(request::isEnded); // its handler is called before its end has been read
            pass(119);
            assertThat(isOpen(patient)).isTrue();
            request.response().end().toCompletionStage().toCompletableFuture().join();
            deadlines.ended(request.connection());
            pass(119);
            send(patient, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
            HttpServerRequest next = requests.take();
            await().until(next::isEnded);
            pass(119);
            assertThat(isOpen(patient)).isTrue();
            pass(2);
            assertThat(isOpen(patient)).isFalse();
        }
    }

    private Socket open() throws IOException {
        int before = connections.get();
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        await().until(() -> connections.get() > before);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    private void pass(int seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
        deadlines.enforce();
    }

    /** Open, when nothing comes, or an answer does. */
    private static boolean isOpen(Socket socket) throws IOException {
        socket.setSoTimeout(300);
        try {
            int read;
            do {
                read = socket.getInputStream().read();
            } while (read >= 0);
            return false;
        } catch (SocketTimeoutException _) {
            return true;
        } catch (IOException _) {
            return false; // reset
        }
    }
}
