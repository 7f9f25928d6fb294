package dev.anchorhold.ledger.merkle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoteTest {
    /** The example of Go's package golang.org/x/mod/sumdb/note. */
    private static final String KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    private static final String KNOWN_TEXT = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.
            """;
    private static final String KNOWN_SIGNATURE =
            "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static final String NAME = "books.example/log";

    @TempDir
    Path folder;

    private SigningKey key;

    @BeforeEach
    void aKey() throws Exception {
        key = SigningKey.of(NAME, aKeyFile("key.pem"));
    }

    @Test
    void a_note_that_somebody_else_signed_is_opened_with_their_key() {
        var theirs = VerifyingKey.parse(KNOWN_KEY);
        assertThat(theirs.text()).isEqualTo(KNOWN_KEY);
        assertThat(theirs.open(KNOWN_TEXT + "\n" + KNOWN_SIGNATURE)).isEqualTo(KNOWN_TEXT);
    }

    @Test
    void the_public_half_of_a_known_key_is_the_known_one() throws IOException {
        // RFC 8032, section 7.1, test 1.
        var pkcs8 =
                "302e020100300506032b657004220420" + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        var file = Files.writeString(
                folder.resolve("known.pem"), pem(HexFormat.of().parseHex(pkcs8)));
        assertThat(HexFormat.of()
                        .formatHex(Base64.getDecoder()
                                .decode(SigningKey.of("a", file)
                                        .verifier()
                                        .text()
                                        .split("\\+", 3)[2])))
                .isEqualTo("01" + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    }

    @Test
    void a_signed_note_is_opened_by_the_key_s_other_half_read_from_its_text() {
        var note = key.sign("books\n\nin two paragraphs: é\n");
        assertThat(VerifyingKey.parse(key.verifier().text() + "\n").open(note))
                .isEqualTo("books\n\nin two paragraphs: é\n");
    }

    @Test
    void others_signatures_are_no_matter_but_one_of_ours_must_be_there() throws Exception {
        var note = key.sign("books\n");
        assertThat(key.verifier().open(note + KNOWN_SIGNATURE)).isEqualTo("books\n");
        var other = SigningKey.of(NAME, aKeyFile("other.pem"));
        assertThatThrownBy(() -> other.verifier().open(note))
                .isInstanceOf(InvalidNoteException.class)
                .hasMessageContaining("signed with another key");
    }

    @Test
    void F47_a_note_with_any_byte_changed_is_refused() {
        var note = key.sign("books\n42\n").getBytes(UTF_8);
        for (var i = 0; i < note.length; i++) {
            for (var bit = 0; bit < 8; bit++) {
                var changed = note.clone();
                changed[i] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> key.verifier().open(new String(changed, UTF_8)))
                        .as("byte %d, bit %d", i, bit)
                        .isInstanceOf(InvalidNoteException.class);
            }
        }
    }

    @Test
    void what_is_no_note_is_refused() {
        var note = key.sign("books\n");
        for (var other : new String[] {
            "",
            "\n",
            "\n\n",
            "books\n",
            "books\n\n",
            note.strip(),
            note + "\n",
            note + " ",
            note.replace("\n\n", "\n"),
            note + "more\n",
            note.replace("\u2014 ", "- "),
            note.replace("=", ""),
            "a\tb" + note,
            note + note,
            "x".repeat(200_000) + note
        }) {
            assertThatThrownBy(() -> key.verifier().open(other)).as(other).isInstanceOf(InvalidNoteException.class);
        }
    }

    @Test
    void what_is_no_key_is_refused() throws Exception {
        for (var other : new String[] {
            "",
            "a",
            "a+b",
            "a+b+c",
            KNOWN_KEY.replace("c74f", "c74e"),
            KNOWN_KEY.replace("Peter", "Pete"),
            KNOWN_KEY.replace("ARpc", "AhpC"),
            KNOWN_KEY + "A",
            KNOWN_KEY.replace("10TW", "10T"),
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        }) {
            assertThatThrownBy(() -> VerifyingKey.parse(other)).as(other).isInstanceOf(InvalidNoteException.class);
        }
        var nonsense = Files.writeString(
                folder.resolve("nonsense.pem"),
                "-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> SigningKey.of(NAME, nonsense))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nonsense.pem")
                .hasMessageContaining("openssl genpkey")
                .hasMessageNotContaining("bm9uc2Vuc2U");
        var good = aKeyFile("good.pem");
        assertThatThrownBy(() -> SigningKey.of("two words", good)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_checkpoint_is_read_as_it_is_written_and_in_no_other_form() {
        var checkpoint = new Checkpoint(NAME, 20_852_163, MerkleTree.leafHash(new byte[0]));
        assertThat(checkpoint.text()).isEqualTo(NAME + "\n20852163\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n");
        assertThat(Checkpoint.parse(checkpoint.text())).isEqualTo(checkpoint);
        assertThat(Checkpoint.parse(checkpoint.text() + "an extension\n")).isEqualTo(checkpoint);
        for (var other : new String[] {
            "",
            "\n\n\n",
            NAME + "\n1\n",
            checkpoint.text().strip(),
            checkpoint.text().replace("2085", "02085"),
            checkpoint.text().replace("2085", "-2085"),
            checkpoint.text().replace("2085", "+2085"),
            checkpoint.text().replace("20852163", "99999999999999999999"),
            checkpoint.text().replace("oB0=", "oB1="),
            checkpoint.text().replace("oB0=", "oB0"),
            checkpoint.text() + "\n",
            "\n" + checkpoint.text()
        }) {
            assertThatThrownBy(() -> Checkpoint.parse(other)).as(other).isInstanceOf(InvalidNoteException.class);
        }
    }

    private Path aKeyFile(String name) throws Exception {
        var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        return Files.writeString(folder.resolve(name), pem(pair.getPrivate().getEncoded()));
    }

    private static String pem(byte[] pkcs8) {
        return "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                .formatted(Base64.getEncoder().encodeToString(pkcs8));
    }
}
