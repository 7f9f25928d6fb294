package dev.anchorhold.sim.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Serves {@code /_console} over HTTP: a page for people, and JSON for scripts and for tests in other languages. */
public final class ConsoleHttpHandler {
    /** What a cloud's console offers to the handler. */
    public interface ConsoleBackend {
        /** The page for people, which may load {@code console.js} and {@code console.css}. */
        String page();

        /** What {@code /act} calls the owner in whose name something is done: {@code project} or {@code account}. */
        String owner();

        /**
         * The API's answer to a request made by hand; throws {@link ActionRefused}.
         *
         * @param body JSON; null when there is none
         */
        JsonNode act(String owner, String method, String path, String body);

        /** Sets each knob that is named; throws {@link IllegalArgumentException} for one that is not known. */
        void turn(JsonNode knobs);
    }

    /** The API refused what the console was asked to do: its status and its error body. */
    public static final class ActionRefused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        public final int status;
        public final transient JsonNode body;

        public ActionRefused(ApiResponse apiResponse) {
            super(apiResponse.status() + " " + apiResponse.body());
            this.status = apiResponse.status();
            this.body = apiResponse.body();
        }
    }

    private static final String PREFIX = "/_console";
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);

    private final Vertx vertx;
    private final ConsoleBackend console;
    private final Faults faults;
    private final RequestLog log;

    public ConsoleHttpHandler(Vertx vertx, ConsoleBackend console, Faults faults, RequestLog log) {
        this.vertx = vertx;
        this.console = console;
        this.faults = faults;
        this.log = log;
    }

    public static boolean takes(String path) {
        return path.equals(PREFIX) || path.startsWith(PREFIX + "/");
    }

    public void handle(HttpServerRequest request) {
        // Waiting for a held request blocks, so not on the event loop.
        request.body()
                .onSuccess(body -> vertx.executeBlocking(() -> answer(request, body), false)
                        .onSuccess(answer -> send(request, 200, answer))
                        .onFailure(failure -> sendError(request, failure)));
    }

    private static void send(HttpServerRequest request, int status, Object answer) {
        boolean page = answer instanceof String;
        String text = switch (request.path().replaceAll(".*/", "")) {
            case "console.js" -> "text/javascript";
            case "console.css" -> "text/css";
            default -> "text/html";
        };
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", page ? text + "; charset=utf-8" : "application/json")
                .end(page ? Buffer.buffer((String) answer) : Buffer.buffer(bytes(answer)));
    }

    private static void sendError(HttpServerRequest request, Throwable failure) {
        switch (failure) {
            case ActionRefused refused -> send(request, refused.status, refused.body);
            case IllegalArgumentException wrong ->
                send(request, 400, JSON.createObjectNode().put("error", String.valueOf(wrong.getMessage())));
            default -> send(request, 500, JSON.createObjectNode().put("error", String.valueOf(failure)));
        }
    }

    private static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A String is the page, its script or its style; anything else is JSON. */
    private Object answer(HttpServerRequest request, Buffer body) throws IOException {
        String path = request.path().substring(PREFIX.length());
        JsonNode input = body.length() == 0 ? JSON.createObjectNode() : JSON.readTree(body.getBytes());
        return switch (request.method().name() + " " + path.replaceAll("/\\d+", "/{id}")) {
            case "GET ", "GET /" -> console.page();
            case "GET /console.js", "GET /console.css" -> resource(ConsoleHttpHandler.class, path.substring(1));
            case "POST /act" -> act(input);
            case "POST /knobs" -> {
                console.turn(input);
                yield done();
            }
            case "GET /faults" ->
                JSON.createArrayNode()
                        .addAll(faults.rules().stream().map(this::json).toList());
            case "POST /faults" -> json(add(input));
            case "DELETE /faults" -> {
                faults.clear();
                yield done();
            }
            case "GET /faults/{id}" -> awaitHeld(path, request.getParam("wait"));
            case "POST /faults/{id}/release" -> {
                hold(path).release();
                yield done();
            }
            case "POST /faults/{id}/drop" -> {
                hold(path).drop();
                yield done();
            }
            case "GET /requests" ->
                JSON.valueToTree(log.latest(Integer.parseInt(orDefault(request.getParam("count"), "200"))));
            case "GET /requests/counts" -> JSON.valueToTree(log.counts());
            case "DELETE /requests" -> {
                log.reset();
                yield done();
            }
            default -> throw new IllegalArgumentException("no such path: " + request.method() + " " + path);
        };
    }

    private static ObjectNode done() {
        return JSON.createObjectNode().put("done", true);
    }

    private static String orDefault(String given, String otherwise) {
        return given == null ? otherwise : given;
    }

    private JsonNode act(JsonNode input) {
        JsonNode body = input.path("body");
        return console.act(
                input.path(console.owner()).asText("default"),
                input.path("method").asText("GET"),
                input.path("path").asText(),
                body.isMissingNode() || body.isNull() ? null : body.toString());
    }

    private Faults.Rule add(JsonNode input) {
        var fault = switch (input.path("effect").asText()) {
            case "fail" ->
                new Faults.Fail(
                        input.path("status").asInt(),
                        input.path("code").asText(),
                        input.path("message").asText(input.path("code").asText()));
            case "html" -> new Faults.Html(input.path("status").asInt(502));
            case "reset_before" -> new Faults.ResetBefore();
            case "lose_answer" ->
                new Faults.LoseAnswer(!input.path("by").asText("reset").equals("504"));
            case "delay" ->
                new Faults.Delay(Duration.ofMillis((long) (input.path("seconds").asDouble() * 1000)));
            case "hold" ->
                new Faults.Hold(
                        input.path("when").asText("before").equals("after")
                                ? Faults.When.AFTER_COMMIT
                                : Faults.When.BEFORE_COMMIT);
            default ->
                throw new IllegalArgumentException(
                        "effect must be fail, html, reset_before, lose_answer, delay or hold");
        };
        return faults.add(
                input.path("method").asText("*"),
                input.path("path").asText("*"),
                times(input.path("times").asInt(1)),
                fault);
    }

    /** -1 is for ever. */
    private static int times(int given) {
        return given < 0 ? Integer.MAX_VALUE : given;
    }

    private ObjectNode json(Faults.Rule rule) {
        var json = JSON.createObjectNode()
                .put("id", rule.id)
                .put("method", rule.method)
                .put("path", rule.path);
        json.put("left", rule.left()).put("effect", rule.fault.getClass().getSimpleName());
        if (rule.fault instanceof Faults.Hold hold) json.put("held", hold.isHeld());
        return json;
    }

    private Faults.Rule rule(String path) {
        long id = Long.parseLong(path.split("/")[2]);
        return faults.rules().stream()
                .filter(rule -> rule.id == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such fault: " + id));
    }

    private Faults.Hold hold(String path) {
        if (rule(path).fault instanceof Faults.Hold hold) return hold;
        throw new IllegalArgumentException("this fault holds nothing");
    }

    /** Waits for so many seconds until a request is held. */
    private ObjectNode awaitHeld(String path, String seconds) {
        if (seconds != null) hold(path).awaitHeld(Duration.ofSeconds(Long.parseLong(seconds)));
        return json(rule(path));
    }

    /** A file that lies beside the class. */
    public static String resource(Class<?> beside, String name) {
        try (var file = beside.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
