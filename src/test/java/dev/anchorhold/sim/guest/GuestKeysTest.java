package dev.anchorhold.sim.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestKeysTest {
    @TempDir
    private Path folder;

    @Test
    void a_played_guest_has_the_keys_of_before_until_its_server_is_gone() {
        KeyPair before = keys().of(1);

        KeyPair after = keys().of(1);
        assertThat(after.getPublic()).isEqualTo(before.getPublic());
        assertThat(after.getPrivate()).isEqualTo(before.getPrivate());
        assertThat(keys().of(2).getPublic()).isNotEqualTo(before.getPublic());

        keys().delete(1);
        assertThat(keys().of(1).getPublic()).isNotEqualTo(before.getPublic());
    }

    private GuestKeys keys() {
        return new GuestKeys(Optional.of(folder));
    }
}
