package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Simulates one Agent's guest program: what is on its disk survives a stop, what is in its memory does not. */
public final class ScriptedGuest {
    private static final Logger LOG = Logger.getLogger(ScriptedGuest.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final Settings settings;
    private final Supplier<Set<Long>> volumes;
    private final Function<String, AutoCloseable> edge;
    private final ScheduledExecutorService clock;
    private final Duration interval;
    private final KeyPair keys;

    private boolean redeemed;
    private JsonNode payload;
    private String callbackToken;
    private String bootId;
    private String connectedToken;
    private AutoCloseable connection;
    private ScheduledFuture<?> passes;
    private volatile boolean exposed;
    private volatile boolean silent;
    private volatile int refusals;

    /** What its user data holds. */
    record Settings(String agent, String door, String token) {}

    ScriptedGuest(
            Settings settings,
            Supplier<Set<Long>> volumes,
            Function<String, AutoCloseable> edge,
            ScheduledExecutorService clock,
            Duration interval,
            KeyPair keys) {
        this.settings = settings;
        this.volumes = volumes;
        this.edge = edge;
        this.clock = clock;
        this.interval = interval;
        this.keys = keys;
    }

    // ---- for tests

    /** The payload that it received last. */
    public synchronized Optional<JsonNode> payload() {
        return Optional.ofNullable(payload);
    }

    public String bootstrapToken() {
        return settings.token;
    }

    public synchronized Optional<String> callbackToken() {
        return Optional.ofNullable(callbackToken);
    }

    /** Reports that a port of it answers, and that its rules do not hold. */
    public void expose(boolean exposed) {
        this.exposed = exposed;
    }

    /** Sends nothing any more, although it runs. */
    public void silence(boolean silent) {
        this.silent = silent;
    }

    /** How often the door refused it. */
    public int refusals() {
        return refusals;
    }

    // ---- power

    synchronized void boot() {
        if (passes != null) {
            return;
        }
        bootId = UUID.randomUUID().toString();
        passes = clock.scheduleWithFixedDelay(this::pass, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    synchronized void off() {
        if (passes != null) {
            passes.cancel(false);
            passes = null;
        }
        callbackToken = null;
        disconnect();
    }

    private void disconnect() {
        if (connection != null) {
            try {
                connection.close();
            } catch (Exception e) {
                LOG.debugf("closing a connection: %s", e.getMessage());
            }
            connection = null;
            connectedToken = null;
        }
    }

    // ---- the loop

    private synchronized void pass() {
        if (passes == null || silent) {
            return;
        }
        try {
            if (callbackToken == null && !authenticate()) {
                return;
            }
            connect();
            JsonNode answer = call("report", JSON.createObjectNode().set("report", report()));
            if (answer.path("settingsVersion").asLong() > version()) {
                payload = get("payload");
                connect();
            }
        } catch (Refused e) {
            refusals++;
            callbackToken = null; // sign in by key at the next pass
        } catch (IOException e) {
            LOG.debugf("the door does not answer: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debugf("a guest's pass: %s", e.getMessage());
        }
    }

    private boolean authenticate() throws IOException, InterruptedException {
        JsonNode answer = redeemed ? signIn() : redeem();
        callbackToken = answer.path("callbackToken").asText();
        payload = get("payload");
        return true;
    }

    private JsonNode redeem() throws IOException, InterruptedException {
        try {
            JsonNode answer = call(
                    "bootstrap",
                    JSON.createObjectNode()
                            .put("agent", settings.agent)
                            .put("token", settings.token)
                            .put("publicKey", pem()));
            redeemed = true;
            return answer;
        } catch (Refused e) {
            return signIn(); // the answer to an earlier attempt may have been lost
        }
    }

    private JsonNode signIn() throws IOException, InterruptedException {
        String nonce = call("nonce", JSON.createObjectNode().put("agent", settings.agent))
                .path("nonce")
                .asText();
        JsonNode answer = call(
                "token",
                JSON.createObjectNode()
                        .put("agent", settings.agent)
                        .put("nonce", nonce)
                        .put("signature", signature(nonce)));
        redeemed = true;
        return answer;
    }

    private void connect() {
        String token = payload.path("settings").path("tunnelToken").asText();
        if (token.equals(connectedToken)) {
            return;
        }
        disconnect();
        connection = edge.apply(token);
        connectedToken = token;
    }

    private long version() {
        return payload.path("settings").path("version").asLong();
    }

    private ObjectNode report() {
        boolean mounted =
                volumes.get().contains(payload.path("volume").path("id").asLong());
        ObjectNode report = JSON.createObjectNode()
                .put("bootId", bootId)
                .put("at", Instant.now().toString())
                .put("program", "0".repeat(64))
                .put("settingsVersion", version());
        report.putObject("container")
                .put("running", mounted && !exposed)
                .put("image", payload.path("image").asText())
                .put("restarts", 0);
        report.putObject("volume")
                .put("mounted", mounted)
                .put("sizeBytes", 10_000_000_000L)
                .put("freeBytes", 9_000_000_000L);
        report.putObject("connector").put("running", true).put("ready", connection != null);
        var firewall = report.putObject("firewall").put("holds", !exposed);
        var reachable = firewall.putArray("reachable");
        if (exposed) {
            reachable.add(22);
        }
        report.putArray("problems");
        return report;
    }

    // ---- requests to the door

    private JsonNode call(String path, JsonNode body) throws IOException, InterruptedException {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create(settings.door + "/guest/v1/" + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json");
        return callbackToken == null ? request : request.header("Authorization", "Bearer " + callbackToken);
    }

    private static JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() == 403) {
            throw new Refused();
        }
        if (answer.statusCode() >= 300) {
            throw new IOException("status " + answer.statusCode());
        }
        return JSON.readTree(answer.body());
    }

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private String pem() {
        return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                .formatted(Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()));
    }

    private String signature(String nonce) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(keys.getPrivate());
            signature.update(
                    ("anchorhold-guest-v1\n" + settings.agent + "\n" + nonce).getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
