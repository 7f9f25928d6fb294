package dev.anchorhold.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.guest.CloudInitSchema;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlainVmUserDataTest {
    private static final String KEY =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    @Test
    void genuine_cloud_init_finds_it_valid() {
        assertThat(CloudInitSchema.check(PlainVmUserData.render("web", List.of(KEY), Optional.empty())))
                .isEmpty();
        assertThat(CloudInitSchema.check(
                        PlainVmUserData.render("web", List.of(), Optional.of(OneTimePassword.hash("secret")))))
                .isEmpty();
        assertThat(CloudInitSchema.check(
                        PlainVmUserData.render("web", List.of(KEY), Optional.of(OneTimePassword.hash("secret")))))
                .isEmpty();
    }

    @Test
    void F36_hostile_text_stays_text() {
        for (String comment :
                List.of("'; reboot #", "\"}\nruncmd: [reboot]", "${IFS}`id`", "{{ 7*7 }}", "\\u0000", "é中\u2028")) {
            String document = PlainVmUserData.render("web", List.of(KEY + " " + comment), Optional.empty());
            assertThat(document.lines()).as("one line of JSON under the header").hasSize(2);
            assertThat(CloudInitSchema.check(document)).isEmpty();
        }
    }

    @Test
    void the_password_is_there_only_as_a_hash() {
        assertThat(PlainVmUserData.render("web", List.of(), Optional.of(OneTimePassword.hash("Tr0ub4dor"))))
                .doesNotContain("Tr0ub4dor")
                .contains("\"expire\":true", "$6$");
    }

    @Test
    void whether_the_keys_fit_is_known_beforehand() {
        assertThat(OneTimePassword.hash("x")).hasSize(OneTimePassword.HASH_LENGTH);
        assertThat(PlainVmUserData.fits("web", Collections.nCopies(50, KEY))).isTrue();
        assertThat(PlainVmUserData.fits("web", Collections.nCopies(400, KEY))).isFalse();
    }

    @Test
    void a_public_key_is_known_by_its_inside() {
        assertThat(SshPublicKey.parse(KEY + " me@laptop")).isPresent();
        assertThat(SshPublicKey.parse(KEY.replace("ssh-ed25519", "ssh-rsa"))).isEmpty();
        assertThat(SshPublicKey.parse("ssh-ed25519 AAAA")).isEmpty();
        assertThat(SshPublicKey.parse(KEY.substring(0, KEY.length() - 4)))
                .as("cut off")
                .isEmpty();
        assertThat(SshPublicKey.parse(KEY + "AAAA")).as("two pasted into one").isEmpty();
        assertThat(SshPublicKey.parse(KEY + " line\u2028break")).isEmpty();
        assertThat(SshPublicKey.parse(KEY + " not\uFFFFYAML")).isEmpty();
        assertThat(SshPublicKey.parse(KEY + " Größe 🚀 \"'`$(id)`")).isPresent();
        assertThat(SshPublicKey.parse("-----BEGIN OPENSSH PRIVATE KEY-----")).isEmpty();
        assertThat(SshPublicKey.parse(KEY + "\n" + KEY)).isEmpty();
    }
}
