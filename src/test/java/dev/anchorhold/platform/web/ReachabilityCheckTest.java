package dev.anchorhold.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReachabilityCheckTest {
    private final ReachabilityCheck check = new ReachabilityCheck();
    private final AtomicInteger refusals = new AtomicInteger();
    private HttpServer server;
    private String address;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            boolean there = exchange.getRequestURI().getPath().equals("/there");
            exchange.sendResponseHeaders(refusals.getAndDecrement() > 0 ? 503 : there ? 200 : 404, -1);
            exchange.close();
        });
        server.start();
        address = "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void it_is_content_when_what_should_be_there_is_and_what_should_not_is_not() {
        refusals.set(2);
        assertThat(check.failures(List.of(address + "/there"), List.of(address + "/other"), 3, Duration.ZERO))
                .isEmpty();
    }

    @Test
    void it_names_what_answers_otherwise_and_what_does_not_answer() {
        String nowhere = "http://127.0.0.1:1/";
        assertThat(check.failures(List.of(address + "/other", nowhere), List.of(address + "/there"), 2, Duration.ZERO))
                .hasSize(3)
                .satisfiesExactly(
                        it -> assertThat(it).contains("/other should answer 200", "404"),
                        it -> assertThat(it).contains(nowhere, "ConnectException"),
                        it -> assertThat(it).contains("/there should answer 404", "200"));
    }
}
