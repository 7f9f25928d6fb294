package dev.anchorhold.door;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/** The public half of a guest's own Ed25519 key; the private half never leaves the guest. */
final class GuestKey {
    private static final String ED25519 = "Ed25519";
    private static final Pattern PEM =
            Pattern.compile("\\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----\\s*");
    private static final int MAX_PEM_LENGTH = 500;

    /** A key that nobody holds: unknown agents are checked against it, so that they take as long as known ones. */
    static final GuestKey PLACEHOLDER = placeholder();

    private final PublicKey key;

    private GuestKey(PublicKey key) {
        this.key = key;
    }

    /** As {@code openssl pkey -pubout} writes it (PEM of SubjectPublicKeyInfo); empty for anything else. */
    static Optional<GuestKey> fromPem(String pem) {
        var match = PEM.matcher(pem == null || pem.length() > MAX_PEM_LENGTH ? "" : pem);
        try {
            return match.matches()
                    ? Optional.of(fromEncoded(Base64.getMimeDecoder().decode(match.group(1))))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException when it is no Ed25519 key */
    static GuestKey fromEncoded(byte[] subjectPublicKeyInfo) {
        try {
            return new GuestKey(
                    KeyFactory.getInstance(ED25519).generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no Ed25519 key", e);
        }
    }

    byte[] encoded() {
        return key.getEncoded();
    }

    /** Whether the key's holder signed the door's nonce for this agent; {@code signature} in base64. */
    boolean verify(String agent, String nonce, String signature) {
        try {
            var verifier = Signature.getInstance(ED25519);
            verifier.initVerify(key);
            verifier.update(
                    "anchorhold-guest-v1\n%s\n%s".formatted(agent, nonce).getBytes(StandardCharsets.UTF_8));
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return false;
        }
    }

    private static GuestKey placeholder() {
        try {
            return new GuestKey(
                    KeyPairGenerator.getInstance(ED25519).generateKeyPair().getPublic());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
