package dev.anchorhold.sim.cloud;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Base of the simulators: an HTTP server (on 127.0.0.1 unless told otherwise), tokens, faults, the request log and the console around a
 * cloud's API.
 */
public abstract class Simulator implements AutoCloseable {
    protected final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setEventLoopPoolSize(2)
            .setFileSystemOptions(
                    new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
    protected final Faults faults = new Faults();
    protected final RequestLog requests = new RequestLog();
    private HttpServer http;

    /**
     * The same at each start, so that a world can be started again with the Secrets it has.
     *
     * @param kind of two letters
     * @param owner a project or an account
     */
    protected abstract String token(String kind, String owner);

    /** Stops everything but what this class holds. */
    protected abstract void stop();

    /**
     * Returns when it listens.
     *
     * @param host the address to listen at
     * @param port 0 takes a free one
     */
    protected final void listen(
            String host, int port, ApiHttpHandler<?, ?> api, ConsoleHttpHandler.ConsoleBackend console) {
        var consoleHttpHandler = new ConsoleHttpHandler(vertx, console, faults, requests);
        http = await(vertx.createHttpServer(
                        new HttpServerOptions().setHost(host).setPort(port).setMaxInitialLineLength(64 * 1024))
                .requestHandler(request -> {
                    if (ConsoleHttpHandler.takes(request.path())) consoleHttpHandler.handle(request);
                    else api.handle(request);
                })
                .listen());
    }

    /** @param only the one token to grant; the well-known ones when null */
    protected final void grantTokens(String owner, Map<String, TokenAccess> tokens, String only) {
        if (only != null) {
            tokens.put(only, TokenAccess.READ_WRITE);
            return;
        }
        tokens.put(token(owner), TokenAccess.READ_WRITE);
        tokens.put(readOnlyToken(owner), TokenAccess.READ_ONLY);
        tokens.put(revokedToken(owner), TokenAccess.REVOKED);
    }

    protected final URI at(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(http.actualPort(), path));
    }

    public final URI consoleUri() {
        return at("/_console");
    }

    /** The default owner's. */
    public final String token() {
        return token("default");
    }

    public final String token(String owner) {
        return token("rw", owner);
    }

    public final String readOnlyToken(String owner) {
        return token("ro", owner);
    }

    public final String revokedToken(String owner) {
        return token("xx", owner);
    }

    public final Faults faults() {
        return faults;
    }

    public final RequestLog requests() {
        return requests;
    }

    @Override
    public final void close() {
        faults.clear();
        await(vertx.close());
        stop();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the simulator's HTTP server", e);
        }
    }
}
