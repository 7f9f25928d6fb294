package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.ConsoleHttpHandler;
import dev.anchorhold.sim.cloud.QueryString;
import dev.anchorhold.sim.cloud.TokenAccess;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/**
 * What a person does in Hetzner's web console, and the knobs of the world. What is done here appears in the action feeds like
 * anything else, needs no token, costs no request and meets no fault. Thread-safe.
 */
public final class HetznerConsole {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HetznerApi api;
    private final HetznerState hetznerState;

    HetznerConsole(HetznerApi api) {
        this.api = api;
        this.hetznerState = api.hetznerState;
    }

    /** The API's own answer to a request made by hand, in the default project. Throws when it is refused. */
    public JsonNode act(String method, String path, String body) {
        return act("default", method, path, body);
    }

    public JsonNode act(String project, String method, String path, String body) {
        var uri = URI.create(path);
        var match = api.router.match(method, uri.getPath());
        if (match == null) throw new IllegalArgumentException("no such path: " + path);
        var apiResponse = api.perform(match, project(project), QueryString.of(uri), parse(body), path);
        if (apiResponse.status() >= 400) throw new ConsoleHttpHandler.ActionRefused(apiResponse);
        return apiResponse.body() == null ? JSON.createObjectNode() : apiResponse.body();
    }

    private static ObjectNode parse(String body) {
        try {
            return body == null || body.isBlank() ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private SimulatedProject project(String name) {
        return hetznerState.projects.values().stream()
                .filter(project -> project.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such project: " + name));
    }

    public void powerOff(long server) {
        act("POST", "/servers/%d/actions/poweroff".formatted(server), null);
    }

    public void powerOn(long server) {
        act("POST", "/servers/%d/actions/poweron".formatted(server), null);
    }

    public void deleteServer(long server) {
        act("DELETE", "/servers/" + server, null);
    }

    /** @param rules a JSON array */
    public void setRules(long firewall, String rules) {
        act("POST", "/firewalls/%d/actions/set_rules".formatted(firewall), "{\"rules\":%s}".formatted(rules));
    }

    public void detachFirewall(long firewall, long server) {
        act(
                "POST",
                "/firewalls/%d/actions/remove_from_resources".formatted(firewall),
                "{\"remove_from\":[{\"type\":\"server\",\"server\":{\"id\":%d}}]}".formatted(server));
    }

    /** When the last of a server's actions ended, to the millisecond; the API tells whole seconds. */
    public Instant lastEnd(long server) {
        return hetznerState.locked(() -> hetznerState
                .hetznerTables
                .all(HetznerRow.Action.class)
                .filter(action -> action.on("server", server))
                .map(action -> action.finished)
                .max(Comparator.naturalOrder())
                .orElseThrow());
    }

    /** What the guest driver says of a server's machine. */
    public String describeGuest(long server) {
        return hetznerState.guestDispatcher.describe(server);
    }

    /** Until then, changes of the server are refused with {@code 423 locked}. */
    public void lockServer(long server, Duration during) {
        turn(() -> hetznerState.knobs.lockServer(server, hetznerState.now().plus(during)));
    }

    public void unlockServer(long server) {
        turn(() -> hetznerState.knobs.unlockServer(server));
    }

    /** Either may be {@code *}; creates are then refused with {@code resource_unavailable}. */
    public void setAvailable(String serverType, String location, boolean available) {
        turn(() -> hetznerState.knobs.setAvailable(serverType, location, available));
    }

    public void labelIndexLag(Duration lag) {
        turn(() -> hetznerState.knobs.labelIndexLag = lag);
    }

    public void firewallDetachLag(Duration lag) {
        turn(() -> hetznerState.knobs.firewallDetachLag = lag);
    }

    public void guestsIgnoreShutdown(boolean ignore) {
        turn(() -> hetznerState.knobs.guestsIgnoreShutdown = ignore);
    }

    /** What a command prints that the server's guest runs, however closed it is; fails where it fails, or nothing runs. */
    public String runInGuest(long server, String... words) {
        return hetznerState.guestDispatcher.ask(server, words);
    }

    /** The next actions of the command, such as {@code start_server}, end with an error. */
    public void failActions(String command, int times, String code, String message) {
        turn(() -> hetznerState.knobs.failActions(command, times, code, message));
    }

    /** The next actions of the command run until {@link #releaseAction}. */
    public void stickActions(String command, int times) {
        turn(() -> hetznerState.knobs.stickActions(command, times));
    }

    public void releaseAction(long action) {
        turn(() -> hetznerState.actions.release(action));
    }

    /** @param kind {@code servers, firewalls, volumes} or {@code primary_ips}, over all projects */
    public void limit(String kind, int most) {
        turn(() -> {
            switch (kind) {
                case "servers" -> hetznerState.knobs.serverLimit = most;
                case "firewalls" -> hetznerState.knobs.firewallLimit = most;
                case "volumes" -> hetznerState.knobs.volumeLimit = most;
                case "primary_ips" -> hetznerState.knobs.primaryIpLimit = most;
                default -> throw new IllegalArgumentException("no such limit: " + kind);
            }
        });
    }

    public void duration(String command, Duration least, Duration most) {
        turn(() -> hetznerState.durations.set(command, least, most));
    }

    /** @param access {@code READ_WRITE}, {@code READ_ONLY} or {@code REVOKED}; a token not known yet is added */
    public void token(String project, String token, String access) {
        if (token.length() != 64) throw new IllegalArgumentException("tokens have 64 characters");
        turn(() -> project(project).tokens.put(token, TokenAccess.valueOf(access)));
    }

    public void rateLimit(String project, int requests, double perSecond) {
        project(project).rateLimit.configure(requests, perSecond);
    }

    /** Empties the bucket to so many requests. */
    public void rateLimitLeft(String project, int requests) {
        project(project).rateLimit.setLeft(requests);
    }

    /** The world behaves again; limits, durations and tokens stay as they are. */
    public void resetKnobs() {
        turn(hetznerState.knobs::reset);
    }

    private void turn(Runnable knob) {
        hetznerState.locked(() -> {
            knob.run();
            return null;
        });
    }
}
