package dev.anchorhold.operator.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CloudIdentityTest {
    private static final CloudIdentity WEB =
            new CloudIdentity("inst", "PlainVm", "5d1c5d64-7a3e-4a53-9b0f-0d4b1a2c3e4f", "web");
    private static final CloudIdentity PREDECESSOR =
            new CloudIdentity("inst", "PlainVm", "0a1b2c3d-7a3e-4a53-9b0f-0d4b1a2c3e4f", "website");

    @Test
    void H09_what_was_taken_over_keeps_its_name_and_what_was_renamed_is_told_all_the_same() {
        String kept = PREDECESSOR.serverName();
        assertThat(WEB.expectedName(kept, true)).isEqualTo(kept);
        assertThat(WEB.expectedName(WEB.serverName(), true)).isEqualTo(WEB.serverName());
        assertThat(WEB.expectedName("db", true)).isEqualTo(WEB.serverName());
        assertThat(WEB.expectedName(kept, false)).isEqualTo(WEB.serverName());
    }
}
