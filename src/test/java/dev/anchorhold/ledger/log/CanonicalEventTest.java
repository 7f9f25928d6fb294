package dev.anchorhold.ledger.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.anchorhold.ledger.event.EventType;
import dev.anchorhold.ledger.event.Kind;
import dev.anchorhold.ledger.event.LedgerEntry;
import dev.anchorhold.ledger.event.State;
import dev.anchorhold.ledger.event.Subject;
import dev.anchorhold.ledger.merkle.MerkleTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bytes that are hashed are those that docs/log.md defines. */
class CanonicalEventTest {
    private static final Instant RECORDED = Instant.parse("2026-11-24T17:20:17.123456Z");
    private static final byte[] NONCE = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

    @Test
    void the_worked_example_of_the_documentation_is_right() throws Exception {
        Matcher example = Pattern.compile(
                        "(?m)^(\\{\"account.*})\nnonce +([0-9a-f]+)\nleaf data +([0-9a-f]+)\nleaf hash +([0-9a-f]+)$")
                .matcher(Files.readString(Path.of("docs/log.md")));
        assertThat(example.find()).isTrue();
        LogEvent event = event(
                new Subject(Kind.Agent, "6f2c1c1e-9d3b-4d0e-8f57-3b1a2c4d5e6f", "team-blue", "writer", "eu", "small"),
                new LedgerEntry(
                        4,
                        Instant.parse("2026-11-24T17:20:16.5Z"),
                        EventType.TRANSFER,
                        State.Running,
                        "bob",
                        "ada",
                        "kubectl-edit"));
        assertThat(new String(CanonicalEvent.bytes(event), UTF_8)).isEqualTo(example.group(1));
        assertThat(event.nonce()).asHexString().isEqualToIgnoringCase(example.group(2));
        assertThat(event.leafData()).asHexString().isEqualToIgnoringCase(example.group(3));
        assertThat(MerkleTree.leafHash(event.leafData())).asHexString().isEqualToIgnoringCase(example.group(4));
    }

    @Test
    void whatever_the_texts_are_it_is_json_with_its_keys_in_order_and_nothing_between() throws Exception {
        JsonMapper sorted = JsonMapper.builder()
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .build();
        for (String text : List.of(
                "a", "\"", "\\", "\\\"", "ü", "\u20ac", "\ud83d\ude00", "\u2028", "a/b", "<b>", " ", "\u00a0")) {
            LogEvent event = event(
                    new Subject(Kind.PlainVm, "6f2c1c1e-9d3b-4d0e-8f57-3b1a2c4d5e6f", text, text, text, text),
                    new LedgerEntry(9_007_199_254_740_991L, RECORDED, EventType.DESTROY, null, text, null, text, text));
            byte[] bytes = CanonicalEvent.bytes(event);
            JsonNode read = sorted.readTree(bytes);
            assertThat(read.get("account").asText()).isEqualTo(text);
            assertThat(read.has("state")).isFalse();
            assertThat(read.has("previousAccount")).isFalse();
            assertThat(sorted.writeValueAsString(sorted.convertValue(read, TreeMap.class)))
                    .isEqualTo(new String(bytes, UTF_8));
        }
    }

    @Test
    void instants_have_six_decimals() {
        assertThat(CanonicalEvent.instant(Instant.parse("2026-01-01T00:00:00Z")))
                .isEqualTo("2026-01-01T00:00:00.000000Z");
        assertThat(CanonicalEvent.instant(Instant.parse("9999-12-30T23:59:59.999999Z")))
                .isEqualTo("9999-12-30T23:59:59.999999Z");
    }

    private static LogEvent event(Subject subject, LedgerEntry entry) {
        return new LogEvent(17, subject, entry, RECORDED, NONCE, null);
    }
}
