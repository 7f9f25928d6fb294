package dev.anchorhold.door;

import dev.anchorhold.door.message.Deposit;
import dev.anchorhold.door.message.GuestSettings;
import dev.anchorhold.door.message.Payload;
import dev.anchorhold.platform.OpaqueTokens;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** A guest that a test plays: an agent, the bootstrap token in its user data, and its own key. */
record TestGuest(UUID agent, String token, KeyPair keys) {
    static final String SECRET_IN_ENVIRONMENT = "env-canary-5e1f0c";
    static final String TUNNEL_TOKEN = "tunnel-canary-77ab31";

    static TestGuest of(UUID agent) {
        try {
            return new TestGuest(
                    agent,
                    OpaqueTokens.generate(),
                    KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static TestGuest fresh() {
        return of(UUID.randomUUID());
    }

    String hash() {
        return HexFormat.of().formatHex(OpaqueTokens.hash(token));
    }

    Deposit deposit(Instant expires) {
        return deposit(expires, new GuestSettings(1, TUNNEL_TOKEN, false));
    }

    Deposit deposit(Instant expires, GuestSettings settings) {
        return new Deposit(
                hash(),
                "anchorhold-" + agent,
                expires,
                new Payload(
                        new Payload.Agent(agent.toString(), "default", "coder"),
                        "registry/coder@sha256:" + "a".repeat(64),
                        Map.of("API_KEY", SECRET_IN_ENVIRONMENT),
                        8080,
                        null,
                        "coder",
                        new Payload.Volume(7, "/dev/disk/by-id/scsi-0HC_Volume_7", "/data/home-coder"),
                        settings,
                        null));
    }

    String pem() {
        return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                .formatted(
                        Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded()));
    }

    GuestKey key() {
        return GuestKey.fromPem(pem()).orElseThrow();
    }

    String sign(String nonce) {
        return sign(agent, nonce);
    }

    String sign(UUID whom, String nonce) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(keys.getPrivate());
            signature.update(("anchorhold-guest-v1\n" + whom + "\n" + nonce).getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
