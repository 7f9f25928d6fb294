package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class ReferencePageTest {

    @Test
    void the_committed_page_is_what_the_types_say() throws Exception {
        assertThat(Files.readString(ReferencePage.FILE))
                .as("%s is stale: run ./dev fmt", ReferencePage.FILE)
                .isEqualTo(ReferencePage.generate());
    }
}
