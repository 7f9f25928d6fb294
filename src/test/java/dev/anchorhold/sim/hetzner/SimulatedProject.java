package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.TokenAccess;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Hetzner project with its tokens and its rate limit. A token belongs to exactly one; it has 64 characters, as
 * official clients insist.
 */
final class SimulatedProject {
    final long id;
    final String name;
    final Map<String, TokenAccess> tokens = new ConcurrentHashMap<>();
    final RateLimitBucket rateLimit;

    SimulatedProject(long id, String name, RateLimitBucket rateLimit) {
        this.id = id;
        this.name = name;
        this.rateLimit = rateLimit;
    }

    /** A project's tokens are the same in each run, so that a world can be started again with the Secrets it has. */
    static String token(String kind, String project) {
        String stem = "sim" + kind + project.replaceAll("[^A-Za-z0-9]", "");
        return (stem + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789").substring(0, 64);
    }
}
