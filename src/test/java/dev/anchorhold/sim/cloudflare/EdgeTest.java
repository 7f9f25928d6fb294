package dev.anchorhold.sim.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the path of a public request: the edge, the connector program as a process, a service behind it. */
class EdgeTest {
    private static final String HOST = "app.anchorhold.localhost";

    @TempDir
    private Path folder;

    private final CloudflareSimulator simulator = CloudflareSimulator.start(new CloudflareOptions().noRateLimit());
    private final CloudflareConsole console = simulator.console();
    private final Edge edge = Edge.start(simulator, 0, 0);
    private final EdgeClient edgeClient = new EdgeClient(edge.uri(), HOST);
    private final CountDownLatch secondHalf = new CountDownLatch(1);
    private HttpServer service;
    private ConnectorProcess connector;
    private String tunnel;

    @BeforeEach
    void start() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        service.createContext("/echo", exchange -> {
            exchange.getResponseHeaders()
                    .add("X-Host-Seen", exchange.getRequestHeaders().getFirst("Host"));
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                exchange.getRequestBody().transferTo(out);
            }
        });
        service.createContext("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                out.write("first\n".getBytes());
                out.flush();
                secondHalf.await(60, TimeUnit.SECONDS);
                out.write("second\n".getBytes());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        service.start();
        tunnel = console.act(
                        "POST", "/accounts/{account}/cfd_tunnel", "{\"name\":\"one\",\"config_src\":\"cloudflare\"}")
                .path("id")
                .asText();
    }

    @AfterEach
    void stop() {
        if (connector != null) connector.close();
        edge.close();
        simulator.close();
        service.stop(0);
    }

    private static ConditionFactory soon() {
        return await();
    }

    private void connect() {
        connector = new ConnectorProcess(folder, edge, console.tunnelToken(tunnel));
        soon().until(() -> console.tunnelStatus(tunnel).equals("healthy"));
    }

    private void configure(String host) {
        console.configure(tunnel, """
            {"ingress":[{"hostname":"%s","service":"http://127.0.0.1:%d"},{"service":"http_status:404"}]}\
            """.formatted(host, service.getAddress().getPort()));
    }

    private String point(String target) {
        return console.createRecord(
                "anchorhold.localhost",
                "{\"type\":\"CNAME\",\"name\":\"app\",\"content\":\"%s\",\"proxied\":true}".formatted(target));
    }

    private String ownTarget() {
        return tunnel + ".cfargotunnel.com";
    }

    @Test
    void a_request_reaches_the_service_through_a_connector_that_dialled_out() {
        configure(HOST);
        point(ownTarget());
        connect();
        soon().until(() -> connector.ready() == 200);
        String much = "0123456789abcdef".repeat(100_000);
        soon().until(() -> edgeClient.get("/echo").status() == 200);
        var echoed = edgeClient.send("POST", "/echo", much);
        assertThat(echoed.body()).contains(much.substring(0, 1000)).hasSizeGreaterThan(much.length());
        assertThat(echoed.head()).containsIgnoringCase("X-Host-Seen: " + HOST);
        assertThat(console.act("GET", "/accounts/{account}/cfd_tunnel/%s/connections".formatted(tunnel), null))
                .as("one connector")
                .hasSize(1)
                .allMatch(it -> it.path("conns").size() == 4);
    }

    @Test
    void an_answer_is_passed_on_as_it_comes() throws Exception {
        configure(HOST);
        point(ownTarget());
        connect();
        soon().until(() -> edgeClient.get("/echo").status() == 200);
        try (var socket = edgeClient.open("GET", "/slow", "", "")) {
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            await().until(() -> lines.readLine().equals("first"));
            secondHalf.countDown();
            assertThat(lines.lines()).contains("second");
        }
    }

    @Test
    void a_connection_that_asks_for_an_upgrade_stays_open_in_both_directions() throws Exception {
        try (var upgrading = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            console.configure(
                    tunnel,
                    "{\"ingress\":[{\"service\":\"http://127.0.0.1:%d\"}]}".formatted(upgrading.getLocalPort()));
            point(ownTarget());
            connect();
            soon().until(() -> connector.log().contains("Updated to new configuration"));
            Thread.ofVirtual().start(() -> upgradeAndEcho(upgrading));
            String headers = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
            try (var socket = edgeClient.open("GET", "/chat", headers, "")) {
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
                assertThat(lines.readLine()).contains("101");
                assertThat(lines.readLine()).isEmpty();
                for (String word : List.of("hello", "again")) {
                    socket.getOutputStream().write((word + "\n").getBytes());
                    assertThat(lines.readLine()).isEqualTo(word);
                }
            }
        }
    }

    /** Switches protocols only when the upgrade was passed on. */
    private static void upgradeAndEcho(ServerSocket server) {
        try (var socket = server.accept()) {
            var lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            boolean upgrades =
                    lines.lines().takeWhile(line -> !line.isEmpty()).toList().contains("Connection: Upgrade");
            var out = socket.getOutputStream();
            out.write("HTTP/1.1 %s\r\n\r\n"
                    .formatted(upgrades ? "101 Switching Protocols" : "400 Bad")
                    .getBytes());
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.write((line + "\n").getBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void without_a_route_the_client_gets_cloudflares_error_page() {
        assertThat(edgeClient.get("/").body()).contains("Error 1016");
        String record = point("00000000-0000-0000-0000-000000000000.cfargotunnel.com");
        assertThat(edgeClient.get("/").body()).contains("Error 1033");
        console.changeRecord("anchorhold.localhost", record, "{\"content\":\"%s\"}".formatted(ownTarget()));
        var noConnector = edgeClient.get("/");
        assertThat(noConnector.status()).isEqualTo(530);
        assertThat(noConnector.body()).contains("Error 1033");
        try (var nothing = console.connect(console.tunnelToken(tunnel))) {
            assertThat(edgeClient.get("/").status())
                    .as("%s carries nothing", nothing.id())
                    .isEqualTo(502);
        }
        connect();
        assertThat(edgeClient.get("/").status()).as("not configured yet").isEqualTo(503);
        configure("other.anchorhold.localhost");
        soon().until(() -> edgeClient.get("/").status() == 404);
        configure(HOST);
        soon().until(() -> edgeClient.get("/echo").status() == 200);
        console.changeRecord("anchorhold.localhost", record, "{\"proxied\":false}");
        assertThat(edgeClient.get("/echo").status()).isEqualTo(530);
        console.changeRecord("anchorhold.localhost", record, "{\"proxied\":true}");
        service.stop(0);
        assertThat(edgeClient.get("/echo").status()).isEqualTo(502);
    }

    @Test
    void dropped_connections_come_back_by_themselves() {
        connect();
        var before = console.act("GET", "/accounts/{account}/cfd_tunnel/%s/connections".formatted(tunnel), null)
                .findValuesAsText("uuid");
        console.dropConnections(tunnel);
        soon().until(() -> console.tunnelStatus(tunnel).equals("healthy"));
        assertThat(console.act("GET", "/accounts/{account}/cfd_tunnel/%s/connections".formatted(tunnel), null)
                        .findValuesAsText("uuid"))
                .doesNotContainAnyElementsOf(before);
    }

    @Test
    void who_knows_only_the_old_secret_does_not_come_back() {
        configure(HOST);
        point(ownTarget());
        connect();
        soon().until(() -> edgeClient.get("/echo").status() == 200);
        console.rotate(tunnel, Base64.getEncoder().encodeToString(new byte[40]));
        assertThat(edgeClient.get("/echo").status()).as("open connections stay").isEqualTo(200);
        console.dropConnections(tunnel);
        soon().until(() -> connector.log().contains("Unauthorized: Invalid tunnel secret"));
        assertThat(console.tunnelStatus(tunnel)).isEqualTo("down");
        assertThat(edgeClient.get("/echo").status()).isEqualTo(530);
        soon().until(() -> connector.ready() == 503);
        connector.close();
        connect();
        soon().until(() -> edgeClient.get("/echo").status() == 200);
    }

    @Test
    void a_deleted_tunnel_stops_serving() {
        configure(HOST);
        point(ownTarget());
        connect();
        soon().until(() -> edgeClient.get("/echo").status() == 200);
        console.deleteTunnel(tunnel);
        assertThat(edgeClient.get("/echo").status()).isEqualTo(530);
        soon().until(() -> connector.log().contains("Unauthorized: Tunnel not found"));
    }

    @Test
    void a_connector_that_has_died_unnoticed_is_not_in_its_successors_way() throws Exception {
        configure(HOST);
        point(ownTarget());
        connect();
        try (var dead = connector) {
            dead.freeze();
            connector = new ConnectorProcess(folder, edge, console.tunnelToken(tunnel));
            soon().until(() -> connector.log().split("Updated to new configuration", -1).length == 3);
            for (int i = 0; i < 8; i++)
                assertThat(edgeClient.get("/echo").status()).isEqualTo(200);
        }
    }

    @Test
    void a_connector_that_ends_leaves_its_tunnel_down() {
        connect();
        assertThat(connector.terminate()).isZero();
        soon().until(() -> console.tunnelStatus(tunnel).equals("down"));
        connect();
        connector.close();
        soon().until(() -> console.tunnelStatus(tunnel).equals("down"));
    }
}
