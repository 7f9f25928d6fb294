package dev.anchorhold.platform.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.anchorhold.platform.JsonMappers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Knows the public keys of the cluster's ServiceAccount tokens, so that what the cluster never signed is refused without a call.
 * Reads them anew when they are an hour old, and at most once a minute for a key that it does not know. Of the issuer it knows
 * nothing: a cluster whose issuer changes accepts tokens of both for a while, and publishes one; the TokenReview knows them all.
 */
final class IssuerKeys {
    private static final Logger LOG = Logger.getLogger(IssuerKeys.class);
    private static final Duration MAX_AGE = Duration.ofHours(1);
    private static final Duration MIN_AGE = Duration.ofMinutes(1);
    private static final Map<String, String> RSA = Map.of(
            "RS256", "SHA256withRSA",
            "RS384", "SHA384withRSA",
            "RS512", "SHA512withRSA");
    private static final Map<String, String> ELLIPTIC = Map.of(
            "ES256", "SHA256withECDSAinP1363Format",
            "ES384", "SHA384withECDSAinP1363Format",
            "ES512", "SHA512withECDSAinP1363Format");
    private static final Map<String, String> CURVES =
            Map.of("P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");

    private final Supplier<KubernetesClient> kubernetes;
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Snapshot snapshot = new Snapshot(Map.of(), Instant.EPOCH);

    private record Snapshot(Map<String, PublicKey> keys, Instant asOf) {}

    /** What the keys say of a token. */
    enum Verdict {
        SIGNED,
        FORGED,
        /** The cluster publishes no keys, or none that we can use. */
        UNKNOWN
    }

    IssuerKeys(Supplier<KubernetesClient> kubernetes, InstantSource clock) {
        this.kubernetes = kubernetes;
        this.clock = clock;
    }

    Verdict verify(ServiceAccountToken token) {
        Map<String, PublicKey> known = snapshot(token.keyId()).keys;
        if (known.isEmpty()) {
            return Verdict.UNKNOWN;
        }
        PublicKey key = known.get(token.keyId());
        return key != null && isSigned(token, key) ? Verdict.SIGNED : Verdict.FORGED;
    }

    private Snapshot snapshot(String keyId) {
        if (isDue(keyId) && reading.tryLock()) { // others go on with what is known
            try {
                if (isDue(keyId)) {
                    snapshot = read();
                }
            } finally {
                reading.unlock();
            }
        } else if (snapshot.asOf.equals(Instant.EPOCH)) {
            reading.lock(); // the first ones wait for the first read
            reading.unlock();
        }
        return snapshot;
    }

    private boolean isDue(String keyId) {
        Duration age = Duration.between(snapshot.asOf, clock.instant());
        return age.isNegative()
                || age.compareTo(MAX_AGE) > 0
                || (age.compareTo(MIN_AGE) > 0 && !snapshot.keys.containsKey(keyId));
    }

    /** What cannot be read leaves what was known. */
    private Snapshot read() {
        Instant now = clock.instant();
        try {
            Map<String, PublicKey> keys = new HashMap<>();
            for (JsonNode it :
                    JsonMappers.LENIENT.readTree(get("/openid/v1/jwks")).path("keys")) {
                key(it).ifPresent(key -> keys.put(it.path("kid").asText(), key));
            }
            return new Snapshot(Map.copyOf(keys), now);
        } catch (IOException | KubernetesClientException e) {
            LOG.warnf(
                    "the cluster's keys for ServiceAccount tokens cannot be read, so forged ones cost a TokenReview each: %s",
                    e.getMessage());
            return new Snapshot(snapshot.keys, now);
        }
    }

    private String get(String path) throws IOException {
        String answer = kubernetes.get().raw(path);
        if (answer == null) {
            throw new IOException(path + " is not there");
        }
        return answer;
    }

    private static Optional<PublicKey> key(JsonNode jwk) {
        try {
            return switch (jwk.path("kty").asText()) {
                case "RSA" ->
                    Optional.of(KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e"))));
                case "EC" -> {
                    var curve = AlgorithmParameters.getInstance("EC");
                    curve.init(new ECGenParameterSpec(CURVES.get(jwk.path("crv").asText())));
                    yield Optional.of(KeyFactory.getInstance("EC")
                            .generatePublic(new ECPublicKeySpec(
                                    new ECPoint(number(jwk, "x"), number(jwk, "y")),
                                    curve.getParameterSpec(ECParameterSpec.class))));
                }
                default -> Optional.empty();
            };
        } catch (GeneralSecurityException | RuntimeException e) {
            LOG.warnf("a key of the cluster's cannot be used: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private static BigInteger number(JsonNode jwk, String field) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(jwk.path(field).asText()));
    }

    private static boolean isSigned(ServiceAccountToken token, PublicKey key) {
        String algorithm = (key.getAlgorithm().equals("RSA") ? RSA : ELLIPTIC).get(token.algorithm());
        if (algorithm == null) {
            return false;
        }
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initVerify(key);
            signature.update(token.signed());
            return signature.verify(token.signature());
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
