package dev.anchorhold.sim.hetzner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.anchorhold.sim.cloud.Access;
import dev.anchorhold.sim.cloud.ConsoleFront;
import dev.anchorhold.sim.cloud.Query;
import java.net.URI;
import java.time.Duration;

/**
 * What a person does in Hetzner's web console, and the knobs of the world. What is done here appears in the action feeds like
 * anything else, needs no token, costs no request and meets no fault. Thread-safe.
 */
public final class Console {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Api api;
    private final Cloud cloud;

    Console(Api api) {
        this.api = api;
        this.cloud = api.cloud;
    }

    /** The API's own answer to a request made by hand, in the default project. Throws when it is refused. */
    public JsonNode act(String method, String path, String body) {
        return act("default", method, path, body);
    }

    public JsonNode act(String project, String method, String path, String body) {
        var uri = URI.create(path);
        var match = api.router.match(method, uri.getPath());
        if (match == null) throw new IllegalArgumentException("no such path: " + path);
        var answer = api.perform(match, project(project), Query.of(uri), parse(body), path);
        if (answer.status() >= 400) throw new ConsoleFront.Refused(answer);
        return answer.body() == null ? JSON.createObjectNode() : answer.body();
    }

    private static ObjectNode parse(String body) {
        try {
            return body == null || body.isBlank() ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Project project(String name) {
        return cloud.projects.values().stream()
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

    /** What the guest driver says of a server's machine. */
    public String describeGuest(long server) {
        return cloud.guests.describe(server);
    }

    /** Until then, changes of the server are refused with {@code 423 locked}. */
    public void lockServer(long server, Duration during) {
        turn(() -> cloud.knobs.lockServer(server, cloud.now().plus(during)));
    }

    public void unlockServer(long server) {
        turn(() -> cloud.knobs.unlockServer(server));
    }

    /** Either may be {@code *}; creates are then refused with {@code resource_unavailable}. */
    public void setAvailable(String serverType, String location, boolean available) {
        turn(() -> cloud.knobs.setAvailable(serverType, location, available));
    }

    public void labelIndexLag(Duration lag) {
        turn(() -> cloud.knobs.labelIndexLag = lag);
    }

    public void firewallDetachLag(Duration lag) {
        turn(() -> cloud.knobs.firewallDetachLag = lag);
    }

    public void guestsIgnoreShutdown(boolean ignore) {
        turn(() -> cloud.knobs.guestsIgnoreShutdown = ignore);
    }

    /** What a command prints that the server's guest runs, however closed it is; fails where it fails, or nothing runs. */
    public String runInGuest(long server, String... words) {
        return cloud.guests.ask(server, words);
    }

    /** The next actions of the command, such as {@code start_server}, end with an error. */
    public void failActions(String command, int times, String code, String message) {
        turn(() -> cloud.knobs.failActions(command, times, code, message));
    }

    /** The next actions of the command run until {@link #releaseAction}. */
    public void stickActions(String command, int times) {
        turn(() -> cloud.knobs.stickActions(command, times));
    }

    public void releaseAction(long action) {
        turn(() -> cloud.actions.release(action));
    }

    /** @param kind {@code servers, firewalls, volumes} or {@code primary_ips}, over all projects */
    public void limit(String kind, int most) {
        turn(() -> {
            switch (kind) {
                case "servers" -> cloud.knobs.serverLimit = most;
                case "firewalls" -> cloud.knobs.firewallLimit = most;
                case "volumes" -> cloud.knobs.volumeLimit = most;
                case "primary_ips" -> cloud.knobs.primaryIpLimit = most;
                default -> throw new IllegalArgumentException("no such limit: " + kind);
            }
        });
    }

    public void duration(String command, Duration least, Duration most) {
        turn(() -> cloud.durations.set(command, least, most));
    }

    /** @param access {@code READ_WRITE}, {@code READ_ONLY} or {@code REVOKED}; a token not known yet is added */
    public void token(String project, String token, String access) {
        if (token.length() != 64) throw new IllegalArgumentException("tokens have 64 characters");
        turn(() -> project(project).tokens.put(token, Access.valueOf(access)));
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
        turn(cloud.knobs::reset);
    }

    private void turn(Runnable knob) {
        cloud.locked(() -> {
            knob.run();
            return null;
        });
    }
}
