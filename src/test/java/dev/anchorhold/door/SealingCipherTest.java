package dev.anchorhold.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.door.SealingCipher.AssociatedData;
import dev.anchorhold.world.CompanionProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealingCipherTest {
    private static final Instant EXPIRY = Instant.parse("2026-11-24T10:15:00Z");
    private static final AssociatedData MINE = AssociatedData.payload("agent-1", "server-1", EXPIRY);
    private static final byte[] CLEAR = "what nobody may read".getBytes(StandardCharsets.UTF_8);

    private final SealingCipher seal = new SealingCipher(List.of(key(1)));

    @TempDir
    private Path folder;

    @Test
    void what_is_sealed_can_be_opened_and_looks_different_each_time() {
        byte[] once = seal.seal(CLEAR, MINE);
        assertThat(seal.open(once, MINE)).isEqualTo(CLEAR);
        assertThat(seal.seal(CLEAR, MINE)).isNotEqualTo(once);
        assertThat(new String(once, StandardCharsets.ISO_8859_1)).doesNotContain("nobody");
    }

    @Test
    void F59_it_opens_only_as_what_it_was_sealed_as() {
        byte[] mine = seal.seal(CLEAR, MINE);
        for (AssociatedData other : List.of(
                AssociatedData.payload("agent-2", "server-1", EXPIRY),
                AssociatedData.payload("agent-1", "server-2", EXPIRY),
                AssociatedData.payload("agent-1", "server-1", EXPIRY.plusNanos(1000)),
                AssociatedData.payload("agent-1s", "erver-1", EXPIRY),
                AssociatedData.settings("agent-1", 1),
                AssociatedData.nonce("agent-1"))) {
            assertThatThrownBy(() -> seal.open(mine, other))
                    .as("%s", other)
                    .isInstanceOf(SealingCipher.CannotOpenException.class);
        }
    }

    @Test
    void F59_not_one_bit_of_it_can_be_changed() {
        byte[] mine = seal.seal(CLEAR, MINE);
        for (int bit = 0; bit < mine.length * 8; bit++) {
            byte[] changed = mine.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> seal.open(changed, MINE))
                    .as("bit %d", bit)
                    .isInstanceOf(SealingCipher.CannotOpenException.class);
        }
        for (int length = 0; length < mine.length; length++) {
            byte[] cut = Arrays.copyOf(mine, length);
            assertThatThrownBy(() -> seal.open(cut, MINE)).isInstanceOf(SealingCipher.CannotOpenException.class);
        }
    }

    @Test
    void the_first_key_seals_and_all_keys_open() {
        byte[] old = seal.seal(CLEAR, MINE);
        SealingCipher both = new SealingCipher(List.of(key(2), key(1)));
        assertThat(both.open(old, MINE)).isEqualTo(CLEAR);
        assertThat(new SealingCipher(List.of(key(2))).open(both.seal(CLEAR, MINE), MINE))
                .isEqualTo(CLEAR);
        assertThatThrownBy(() -> seal.open(both.seal(CLEAR, MINE), MINE))
                .isInstanceOf(SealingCipher.CannotOpenException.class);
        assertThat(both.oldKeyIds()).hasDimensions(1, 8);
    }

    @Test
    void a_key_that_is_none_is_refused_without_a_word_of_what_it_is() throws IOException {
        Path good = CompanionProcess.sealingKey(folder.resolve("good"));
        assertThat(SealingCipher.fromFiles(List.of(good))
                        .open(SealingCipher.fromFiles(List.of(good)).seal(CLEAR, MINE), MINE))
                .isEqualTo(CLEAR);

        Path bad = Files.writeString(folder.resolve("bad"), "canary*");
        assertThatThrownBy(() -> SealingCipher.fromFiles(List.of(good, bad)))
                .hasMessageContaining("bad must be 32 bytes in base64")
                .hasMessageNotContaining("canary");
        assertThatThrownBy(() -> SealingCipher.fromFiles(List.of(folder.resolve("absent"))))
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> new SealingCipher(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] key(int filledWith) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) filledWith);
        return key;
    }
}
