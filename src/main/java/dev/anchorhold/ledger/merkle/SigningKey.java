package dev.anchorhold.ledger.merkle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * A log's private Ed25519 key, which signs its checkpoints. Made by {@code openssl genpkey -algorithm ed25519}. Never printed.
 */
public final class SigningKey {
    private final EdECPrivateKey key;
    private final VerifyingKey verifier;

    private SigningKey(String name, EdECPrivateKey key) throws GeneralSecurityException {
        this.key = key;
        this.verifier = VerifyingKey.of(name, publicHalf(key));
        verifier.open(sign("A key fits its other half, or nothing is signed.\n"));
    }

    /**
     * @param name as it will stand in signature lines: the log's origin
     * @param pem an unencrypted Ed25519 key, PKCS#8 in PEM
     * @throws IllegalArgumentException when that is something else; the message has the file's name and nothing of what is in it
     */
    public static SigningKey of(String name, Path pem) throws IOException {
        if (!Note.isValidName(name)) {
            throw new IllegalArgumentException("A key's name is not empty and has neither space nor plus: " + name);
        }
        var text = Files.readString(pem);
        try {
            var body = text.strip()
                    .replaceFirst("^-----BEGIN PRIVATE KEY-----\\s", "")
                    .replaceFirst("\\s-----END PRIVATE KEY-----$", "");
            var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body));
            return new SigningKey(
                    name, (EdECPrivateKey) KeyFactory.getInstance("Ed25519").generatePrivate(spec));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s holds no Ed25519 private key in PEM. Make one: openssl genpkey -algorithm ed25519 -out FILE"
                            .formatted(pem));
        }
    }

    /** The whole note: the text, which ends in a newline, and this key's signature below it. */
    public String sign(String text) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(text.getBytes(UTF_8));
            var signed = signature.sign();
            var line = Arrays.copyOf(verifier.id(), VerifyingKey.ID_SIZE + signed.length);
            System.arraycopy(signed, 0, line, VerifyingKey.ID_SIZE, signed.length);
            return Note.signed(text, new Note.SignatureLine(verifier.name(), line));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that signed before signs no more", e);
        }
    }

    public VerifyingKey verifier() {
        return verifier;
    }

    /** The JDK derives a public key only while it makes a pair: so it makes the pair that begins with this seed. */
    private static PublicKey publicHalf(EdECPrivateKey key) throws GeneralSecurityException {
        var seed = key.getBytes().orElseThrow();
        var pairs = KeyPairGenerator.getInstance("Ed25519");
        pairs.initialize(key.getParams(), new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(seed, 0, bytes, 0, bytes.length);
            }
        });
        return pairs.generateKeyPair().getPublic();
    }
}
