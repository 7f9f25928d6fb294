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
 * The simulated web console: what a person does in Hetzner's, and the knobs of the simulation. What is done here
 * appears in the action feeds like anything else, needs no token, costs no request and meets no fault. Thread-safe.
 */
public final class HetznerConsole {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HetznerApi api;
    private final HetznerState state;

    HetznerConsole(HetznerApi api) {
        this.api = api;
        this.state = api.state;
    }

    /** Makes a request by hand, in the default project; returns the API's body. Throws when it is refused. */
    public JsonNode act(String method, String path, String body) {
        return act("default", method, path, body);
    }

    public JsonNode act(String project, String method, String path, String body) {
        var uri = URI.create(path);
        var match = api.router.match(method, uri.getPath());
        if (match == null) throw new IllegalArgumentException("no such path: " + path);
        var response = api.perform(match, project(project), QueryString.of(uri), parse(body), path);
        if (response.status() >= 400) throw new ConsoleHttpHandler.ActionRefused(response);
        return response.body() == null ? JSON.createObjectNode() : response.body();
    }

    private static ObjectNode parse(String body) {
        try {
            return body == null || body.isBlank() ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private SimulatedProject project(String name) {
        return state.projects.values().stream()
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
        return state.locked(() -> state.tables
                .all(HetznerRow.Action.class)
                .filter(action -> action.on("server", server))
                .map(action -> action.finished)
                .max(Comparator.naturalOrder())
                .orElseThrow());
    }

    /** The guest driver's description of a server's machine. */
    public String describeGuest(long server) {
        return state.guests.describe(server);
    }

    /** For that time, changes of the server are refused with {@code 423 locked}. */
    public void lockServer(long server, Duration during) {
        turn(() -> state.knobs.lockServer(server, state.now().plus(during)));
    }

    public void unlockServer(long server) {
        turn(() -> state.knobs.unlockServer(server));
    }

    /** Either may be {@code *}; creates are then refused with {@code resource_unavailable}. */
    public void setAvailable(String serverType, String location, boolean available) {
        turn(() -> state.knobs.setAvailable(serverType, location, available));
    }

    public void labelIndexLag(Duration lag) {
        turn(() -> state.knobs.labelIndexLag = lag);
    }

    public void firewallDetachLag(Duration lag) {
        turn(() -> state.knobs.firewallDetachLag = lag);
    }

    public void guestsIgnoreShutdown(boolean ignore) {
        turn(() -> state.knobs.guestsIgnoreShutdown = ignore);
    }

    /** Runs a command in the server's guest, however closed it is; returns its output. Fails where it fails, or nothing runs. */
    public String runInGuest(long server, String... words) {
        return state.guests.runCommand(server, words);
    }

    /** Makes the next actions of the command, such as {@code start_server}, end with an error. */
    public void failActions(String command, int times, String code, String message) {
        turn(() -> state.knobs.failActions(command, times, code, message));
    }

    /** Makes the next actions of the command run until {@link #releaseAction}. */
    public void stickActions(String command, int times) {
        turn(() -> state.knobs.stickActions(command, times));
    }

    public void releaseAction(long action) {
        turn(() -> state.actions.release(action));
    }

    /** @param kind {@code servers, firewalls, volumes} or {@code primary_ips}, over all projects */
    public void limit(String kind, int max) {
        turn(() -> {
            switch (kind) {
                case "servers" -> state.knobs.serverLimit = max;
                case "firewalls" -> state.knobs.firewallLimit = max;
                case "volumes" -> state.knobs.volumeLimit = max;
                case "primary_ips" -> state.knobs.primaryIpLimit = max;
                default -> throw new IllegalArgumentException("no such limit: " + kind);
            }
        });
    }

    public void duration(String command, Duration min, Duration max) {
        turn(() -> state.durations.set(command, min, max));
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

    /** Sets all knobs to their defaults; limits, durations and tokens stay as they are. */
    public void resetKnobs() {
        turn(state.knobs::reset);
    }

    private void turn(Runnable knob) {
        state.locked(() -> {
            knob.run();
            return null;
        });
    }
}
