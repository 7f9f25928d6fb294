package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.ledger.merkle.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small jar, run as a process as anybody would. */
class VerifyLogTest {
    @TempDir
    Path folder;

    private SigningKey key;
    private Path log;

    @BeforeEach
    void aLog() throws IOException {
        key = InMemoryLog.aKey(folder);
        log = InMemoryLog.of(600, key).writtenTo(folder.resolve("log"));
    }

    @Test
    void a_log_is_well_is_kept_and_compared_the_next_time() throws Exception {
        var kept = folder.resolve("kept").toString();
        assertThat(VerifyLogJar.run(log.toString(), "--keep", kept)).satisfies(run -> {
            assertThat(run.exit()).isZero();
            assertThat(run.out())
                    .contains(
                            "Trusted on first use",
                            key.verifier().text(),
                            "All is well: 600 entries",
                            "Kept in " + kept);
            assertThat(run.err()).isEmpty();
        });
        assertThat(VerifyLogJar.run(log.toString(), "--keep", kept)).satisfies(run -> {
            assertThat(run.exit()).isZero();
            assertThat(run.out())
                    .contains("The first 600 are those that were kept.")
                    .doesNotContain("Trusted on first use");
        });
    }

    @Test
    void a_bad_log_ends_with_1_and_names_the_first_bad_index() throws Exception {
        VerifyLogJar.run(log.toString(), "--keep", folder.resolve("kept").toString());
        InMemoryLog.of(600, key).withBit("tile/entries/001", 44 * 34 + 2).writtenTo(log);
        assertThat(VerifyLogJar.run(
                        log.toString(), "--keep", folder.resolve("kept").toString()))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(1);
                    assertThat(run.out()).contains("THE LOG IS BAD.", "First bad index: 300", "the entry was changed");
                });
    }

    @Test
    void a_key_can_be_given_as_it_is_or_in_a_file() throws Exception {
        var file = Files.writeString(folder.resolve("log.key"), key.verifier().text() + "\n");
        assertThat(VerifyLogJar.run(log.toString(), "--key", file.toString()).exit())
                .isZero();
        assertThat(VerifyLogJar.run(log.toString(), "--key", key.verifier().text())
                        .exit())
                .isZero();
        var another = InMemoryLog.aKey(folder).verifier().text();
        assertThat(VerifyLogJar.run(log.toString(), "--key", another)).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.out()).contains("signed with another key");
        });
    }

    @Test
    void what_cannot_be_checked_ends_with_2_and_says_why() throws Exception {
        assertThat(VerifyLogJar.run(folder.toString())).satisfies(run -> {
            assertThat(run.exit()).isEqualTo(2);
            assertThat(run.err()).contains("Not checked. There is no log");
        });
        assertThat(VerifyLogJar.run(folder.resolve("nothing").toString()).exit())
                .isEqualTo(2);
        assertThat(VerifyLogJar.run(log.toString(), "--key", "nonsense").exit()).isEqualTo(2);
        assertThat(VerifyLogJar.run(log.toString(), "--what").err()).contains("What is '--what'?");
        assertThat(VerifyLogJar.run().exit()).isEqualTo(2);
    }

    @Test
    void events_as_the_API_returned_them_are_found_in_the_log_or_named() throws Exception {
        var nonce = "0123456789abcdef".getBytes(UTF_8);
        // By hand, from docs/log.md: what SHA-256 is taken of.
        var canonical =
                "{\"account\":\"acme\",\"at\":\"2026-11-24T17:20:16.123456Z\",\"name\":\"a \\\"b\\\" é\",\"sequence\":3,\"v\":1}";
        var entry = sha256(nonce, canonical.getBytes(UTF_8));
        var log = InMemoryLog.of(300, key, i -> i == 299 ? entry : InMemoryLog.entry(i))
                .writtenTo(folder.resolve("exported"));
        var event =
                "{ \"v\": 1, \"sequence\": 3, \"name\": \"a \\u0022b\\\" \\u00e9\",\n\"at\": \"2026-11-24T17:20:16.123456Z\", \"account\": \"acme\" }";
        var item = "{\"index\": %d, \"nonce\": \"%s\", \"event\": %s}";
        var nonceText = Base64.getEncoder().encodeToString(nonce);
        var page = write(
                "page.json",
                "{\"items\": [" + item.formatted(299, nonceText, event) + "], \"next\": null, \"share\": 1.5e3}");
        assertThat(VerifyLogJar.run(log.toString(), "--events", page)).satisfies(run -> {
            assertThat(run.err()).isEmpty();
            assertThat(run.exit()).isZero();
        });
        assertThat(VerifyLogJar.run(
                                log.toString(), "--events", write("one.json", item.formatted(299, nonceText, event)))
                        .exit())
                .isZero();
        assertThat(VerifyLogJar.run(
                        log.toString(),
                        "--events",
                        page,
                        write("list.json", "[" + item.formatted(299, nonceText, event.replace("acme", "acne")) + "]")))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(1);
                    assertThat(run.out())
                            .contains("First bad index: 299", "list.json tells of is not the log's entry 299");
                });
        assertThat(VerifyLogJar.run(
                        log.toString(), "--events", write("later.json", item.formatted(300, nonceText, event))))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(1);
                    assertThat(run.out()).contains("later.json tells of entry 300, and the log has 300");
                });
        for (var nonsense : List.of(
                "",
                "{",
                "[1]",
                "{\"items\":[{}]}",
                item.formatted(299, "*", event),
                item.formatted(299, nonceText, "{\"a\":1.5}"))) {
            assertThat(VerifyLogJar.run(log.toString(), "--events", write("nonsense.json", nonsense))
                            .exit())
                    .as(nonsense)
                    .isEqualTo(2);
        }
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static byte[] sha256(byte[] nonce, byte[] event) throws Exception {
        var digest = java.security.MessageDigest.getInstance("SHA-256");
        digest.update(nonce);
        return digest.digest(event);
    }
}
