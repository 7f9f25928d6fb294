package dev.anchorhold.sim.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.anchorhold.sim.cloud.Faults.Hold;
import dev.anchorhold.sim.cloud.Faults.When;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * An HTTP reverse proxy that holds the request that a test waits for, or its response. Responses are passed on as they
 * come, so watches work; WebSockets are refused, and a Kubernetes client then watches without.
 */
public final class HttpProxy implements AutoCloseable {
    /** Headers that belong to one connection, not to the message. */
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "content-length", "host", "upgrade", "http2-settings", "transfer-encoding", "expect");

    private final URI target;
    private final HttpClient client;
    private final HttpServer server;
    private final MessageHolds<Request> holds = new MessageHolds<>();

    public record Request(String method, String path, String body) {}

    /** @param client trusts the target */
    public HttpProxy(URI target, HttpClient client) {
        this.target = target;
        this.client = client;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** A client that trusts the certificate alone, in PEM or in base64 of it. */
    public static HttpClient trusting(String certificate) {
        try {
            String pem = certificate.startsWith("---")
                    ? certificate
                    : new String(Base64.getDecoder().decode(certificate));
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "it",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(pem.getBytes())));
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Holds the next such request, before the server gets it or when the server has answered it. */
    public Hold hold(Predicate<Request> which, When when) {
        return holds.add(which, when);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
                exchange.sendResponseHeaders(200, -1); // a 503 would be tried again, for half a minute
                return;
            }
            var hold = holds.take(new Request(
                    exchange.getRequestMethod(), exchange.getRequestURI().getPath(), new String(body)));
            if (!awaitRelease(hold, When.BEFORE_COMMIT)) return;
            var answer = client.send(request(exchange, body), BodyHandlers.ofInputStream());
            try (InputStream content = answer.body()) {
                if (awaitRelease(hold, When.AFTER_COMMIT)) answer(exchange, answer, content);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean awaitRelease(Optional<Hold> hold, When when) {
        return hold.filter(it -> it.when() == when)
                .map(MessageHolds::awaitRelease)
                .orElse(true);
    }

    private HttpRequest request(HttpExchange exchange, byte[] body) {
        var request = HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT))) values.forEach(it -> request.header(name, it));
        });
        return request.build();
    }

    private static void answer(HttpExchange exchange, HttpResponse<?> answer, InputStream content) throws IOException {
        answer.headers().map().forEach((name, values) -> {
            if (!name.startsWith(":") && !HOP_BY_HOP.contains(name))
                exchange.getResponseHeaders().put(name, values);
        });
        exchange.sendResponseHeaders(answer.statusCode(), answer.statusCode() == 204 ? -1 : 0);
        exchange.getResponseBody().flush(); // a watch is begun before anything happens
        byte[] buffer = new byte[1 << 16];
        for (int n; (n = content.read(buffer)) > 0; ) {
            exchange.getResponseBody().write(buffer, 0, n);
            exchange.getResponseBody().flush();
        }
    }

    /** Nothing is held any more, and all connections end. */
    @Override
    public void close() {
        holds.dropAll();
        server.stop(0);
        client.shutdownNow();
    }
}
