package dev.anchorhold.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.sim.hetzner.HcloudGoSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page on drift says of everything that can be done to what is ours in the cloud what becomes of it. */
class DriftListTest {
    private static final String HEADING = "### What drifts, and what becomes of it";

    @ParameterizedTest
    @ValueSource(strings = {"servers", "volumes", "firewalls", "primary_ips"})
    void H06_every_action_of_the_clouds_api_is_on_the_list(String resource) throws IOException {
        String page = Files.readString(Path.of("docs/concepts.md"));
        String list = page.substring(page.indexOf(HEADING), page.indexOf("## Unknown is never absent"));
        assertThat(new HcloudGoSources().actions(resource))
                .isNotEmpty()
                .allSatisfy(action -> assertThat(list).contains("`" + action + "`"));
    }
}
