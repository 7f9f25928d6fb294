package dev.anchorhold.sim.cloudflare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Cloudflare's edge on 127.0.0.1: proxies public HTTP requests to tunnels. At one port connectors dial in with a
 * tunnel's token ({@link EdgeConnection} documents the protocol); at the other it serves the public by the request's
 * Host, for which there must be a proxied CNAME to a tunnel that has a connection. It opens no connection to anyone.
 */
public final class Edge implements AutoCloseable {
    private final CloudflareApi api;
    private final ServerSocket http;
    private final ServerSocket connectors;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** The streams that connectors were asked for, by their secret name. */
    private final Map<String, CompletableFuture<Socket>> awaited = new ConcurrentHashMap<>();

    private Edge(CloudflareApi api, int httpPort, int connectorPort) {
        this.api = api;
        this.http = listen(httpPort);
        this.connectors = listen(connectorPort);
        accept(http, socket -> new EdgeRequest(this, socket).serve());
        accept(connectors, socket -> new EdgeConnection(this, socket).serve());
    }

    /** Ports of 0 take free ones. */
    public static Edge start(CloudflareSimulator simulator, int httpPort, int connectorPort) {
        return new Edge(simulator.api(), httpPort, connectorPort);
    }

    /** Where the public sends requests. */
    public URI uri() {
        return URI.create("http://127.0.0.1:%d".formatted(http.getLocalPort()));
    }

    /** The address to which connectors dial: {@code host:port}. */
    public String connectorAddress() {
        return "127.0.0.1:%d".formatted(connectors.getLocalPort());
    }

    CloudflareApi api() {
        return api;
    }

    /** The stream of that name, when a connector brings it. */
    CompletableFuture<Socket> await(String stream) {
        var socket = new CompletableFuture<Socket>();
        awaited.put(stream, socket);
        return socket;
    }

    void forget(String stream) {
        awaited.remove(stream);
    }

    /** False when nobody waits for it, or not any more. */
    boolean deliver(String stream, Socket socket) {
        var waiting = awaited.remove(stream);
        return waiting != null && waiting.complete(socket);
    }

    private static ServerSocket listen(int port) {
        try {
            return new ServerSocket(port, 200, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException("the edge cannot listen on port " + port, e);
        }
    }

    private void accept(ServerSocket server, Consumer<Socket> serve) {
        Thread.ofVirtual().name("edge").start(() -> {
            while (!server.isClosed()) {
                try {
                    var socket = server.accept();
                    open.add(socket);
                    Thread.ofVirtual().start(() -> {
                        try {
                            serve.accept(socket);
                        } finally {
                            open.remove(socket);
                        }
                    });
                } catch (IOException closed) {
                    // or too many open files: then the next accept fails too
                }
            }
        });
    }

    @Override
    public void close() {
        try {
            http.close();
            connectors.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(Edge::close);
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // nothing more to do with it
        }
    }
}
