package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.TokenAccess;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An account with the one user who owns its tokens: they share a rate limit. Its ids and tokens are the same in each
 * run.
 */
final class SimulatedAccount {
    final String id;
    final String name;
    final RateLimitWindow rateLimit;
    final Map<String, TokenAccess> tokens = new ConcurrentHashMap<>();

    SimulatedAccount(String name, RateLimitWindow rateLimit) {
        this.id = id("account", name);
        this.name = name;
        this.rateLimit = rateLimit;
    }

    /** 32 hexadecimal digits, as Cloudflare's ids are. */
    static String id(String kind, String name) {
        try {
            byte[] text = (kind + ":" + name).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** 40 characters, as Cloudflare's tokens are. */
    static String token(String kind, String account) {
        return ("sim" + kind + "_" + id("token", account)).concat("0123456789").substring(0, 40);
    }
}
