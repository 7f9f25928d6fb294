package dev.anchorhold.guest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.CloudInitSchema;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class AgentUserDataTest {
    private static final URI DOOR = URI.create("https://door.example.com");

    @Test
    void genuine_cloud_init_finds_it_valid() {
        assertThat(CloudInitSchema.check(document(GuestProgram.text()))).isEmpty();
    }

    @Test
    void it_leaves_room_below_the_clouds_limit() {
        assertThat(document(GuestProgram.text()).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(AgentUserData.MAX_BYTES * 4 / 5);
    }

    @Test
    void F36_hostile_text_stays_text() throws Exception {
        for (String text :
                List.of("'; reboot #", "\"}\nruncmd: [reboot]", "${IFS}`id`", "{{ 7*7 }}", "\u0000", "é中\u2028")) {
            var document = AgentUserData.render(new AgentUserData.Parameters(text, text, DOOR, text, text));
            assertThat(document.lines()).as("one line of JSON under the header").hasSize(2);
            var config = parsed(document);
            assertThat(config.get("hostname").asText()).isEqualTo(text);
            assertThat(file(config, "/etc/anchorhold/bootstrap-token")
                            .get("content")
                            .asText())
                    .isEqualTo(text);
            assertThat(new ObjectMapper()
                            .readTree(file(config, "/etc/anchorhold/guest.json")
                                    .get("content")
                                    .asText())
                            .get("agent")
                            .asText())
                    .isEqualTo(text);
            assertThat(config.get("runcmd")).isEqualTo(parsed(document(text)).get("runcmd"));
            assertThat(CloudInitSchema.check(document)).isEmpty();
        }
    }

    @Test
    void the_program_arrives_byte_for_byte_and_the_same_input_is_the_same_document() throws Exception {
        var program = file(parsed(document(GuestProgram.text())), "/usr/local/lib/anchorhold/guest.py");
        var packed = Base64.getDecoder().decode(program.get("content").asText());
        assertThat(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(GuestProgram.text());
        assertThat(document(GuestProgram.text())).isEqualTo(document(GuestProgram.text()));
    }

    @Test
    void nobody_can_log_in_and_only_root_reads_what_is_written() throws Exception {
        var config = parsed(document(GuestProgram.text()));
        assertThat(config.at("/users/0/lock_passwd").asBoolean()).isTrue();
        assertThat(config.get("ssh_pwauth").asBoolean()).isFalse();
        assertThat(config.has("ssh_authorized_keys")).isFalse();
        assertThat(file(config, "/root/.ssh/authorized_keys").get("content").asText())
                .isEmpty();
        assertThat(config.get("bootcmd").toString()).contains("mask", "ssh.service");
        for (var name : List.of("bootstrap-token", "guest.json")) {
            assertThat(file(config, "/etc/anchorhold/" + name)
                            .get("permissions")
                            .asText())
                    .isEqualTo("0600");
        }
    }

    @Test
    void F28_the_token_is_not_in_what_is_logged_of_it() {
        assertThat(new AgentUserData.Parameters("web", "uid", DOOR, "once-only", "").toString())
                .doesNotContain("once-only");
    }

    private static String document(String program) {
        return AgentUserData.render(new AgentUserData.Parameters(
                "coder-4f2a91c0", "4f2a91c0-6d5e-4a0b-9c1d-2e3f4a5b6c7d", DOOR, "t".repeat(43), program));
    }

    private static JsonNode parsed(String document) throws Exception {
        return new ObjectMapper().readTree(document.substring(document.indexOf('\n')));
    }

    private static JsonNode file(JsonNode config, String path) {
        return StreamSupport.stream(config.get("write_files").spliterator(), false)
                .filter(file -> file.get("path").asText().equals(path))
                .findFirst()
                .orElseThrow();
    }
}
