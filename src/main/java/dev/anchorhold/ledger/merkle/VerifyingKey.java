package dev.anchorhold.ledger.merkle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Collectors;

/**
 * The public half of a log's key, which verifies its notes (C2SP signed-note, Ed25519). Written {@code name+id+base64}, as Go's
 * {@code golang.org/x/mod/sumdb/note} does.
 */
public final class VerifyingKey {
    /** Bytes of a key's id. */
    static final int ID_SIZE = 4;

    private static final byte ED25519 = 1;
    private static final int KEY_SIZE = 32;

    /** What comes before the 32 bytes of an Ed25519 key in its X.509 form (RFC 8410). */
    private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

    private final String name;
    private final byte[] raw;
    private final PublicKey key;

    private VerifyingKey(String name, byte[] raw) {
        if (!Note.isValidName(name)) {
            throw new InvalidNoteException("a key's name is not empty and has neither space nor plus");
        }
        this.name = name;
        this.raw = raw;
        try {
            key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(joined(X509, raw)));
        } catch (GeneralSecurityException e) {
            throw new InvalidNoteException("this is no Ed25519 public key");
        }
    }

    static VerifyingKey of(String name, PublicKey key) {
        var encoded = key.getEncoded();
        return new VerifyingKey(name, Arrays.copyOfRange(encoded, encoded.length - KEY_SIZE, encoded.length));
    }

    /** @throws InvalidNoteException when it is none, of another kind, or its id is not its own */
    public static VerifyingKey parse(String written) {
        var parts = written.strip().split("\\+", 3);
        if (parts.length != 3) {
            throw new InvalidNoteException("this is no verifier key: it has to read name+id+key");
        }
        var bytes = Note.base64(parts[2])
                .filter(key -> key.length == 1 + KEY_SIZE && key[0] == ED25519)
                .orElseThrow(() -> new InvalidNoteException("this is no Ed25519 verifier key"));
        var key = new VerifyingKey(parts[0], Arrays.copyOfRange(bytes, 1, bytes.length));
        if (!HexFormat.of().formatHex(key.id()).equals(parts[1])) {
            throw new InvalidNoteException("this verifier key is damaged: its id does not fit");
        }
        return key;
    }

    public String name() {
        return name;
    }

    /** The whole key in its text form, without a blank. */
    public String text() {
        return name + "+" + HexFormat.of().formatHex(id()) + "+"
                + Base64.getEncoder().encodeToString(joined(new byte[] {ED25519}, raw));
    }

    /**
     * The text of a note that this key signed; other keys' signatures beside it are no matter.
     *
     * @throws InvalidNoteException when it is no note, this key did not sign it, or the signature is not of this text
     */
    public String open(String signedNote) {
        var note = Note.parse(signedNote);
        var ours = note.signatures().stream().filter(this::ours).toList();
        if (ours.isEmpty()) {
            throw new InvalidNoteException("signed with another key: by %s, not by %s"
                    .formatted(
                            note.signatures().stream().map(VerifyingKey::signer).collect(Collectors.joining(", ")),
                            name + "+" + HexFormat.of().formatHex(id())));
        }
        if (!ours.stream().allMatch(line -> verifies(note.text(), line))) {
            throw new InvalidNoteException("the signature is not of this text");
        }
        return note.text();
    }

    byte[] id() {
        return Arrays.copyOf(MerkleTree.sha256((name + "\n").getBytes(UTF_8), new byte[] {ED25519}, raw), ID_SIZE);
    }

    private boolean ours(Note.SignatureLine line) {
        return line.name().equals(name) && Arrays.equals(Arrays.copyOf(line.signature(), ID_SIZE), id());
    }

    private boolean verifies(String text, Note.SignatureLine line) {
        try {
            var signature = Signature.getInstance("Ed25519");
            signature.initVerify(key);
            signature.update(text.getBytes(UTF_8));
            return signature.verify(line.signature(), ID_SIZE, line.signature().length - ID_SIZE);
        } catch (GeneralSecurityException e) {
            return false; // of a form that no signature has
        }
    }

    private static String signer(Note.SignatureLine line) {
        return line.name() + "+" + HexFormat.of().formatHex(line.signature(), 0, ID_SIZE);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyingKey key && key.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
