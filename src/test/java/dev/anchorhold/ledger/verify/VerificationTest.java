package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verifier against logs in memory; against the companion's own it is {@code TamperMatrixTest}. */
class VerificationTest {
    @TempDir
    Path folder;

    private SigningKey key;
    private Path mirror;

    @BeforeEach
    void aKey() {
        key = InMemoryLog.aKey(folder);
        mirror = folder.resolve("kept");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 255, 256, 257, 512, 600, 65_535, 65_536, 66_000})
    void a_log_of_any_size_is_well_by_itself_and_as_it_was_kept(long size) throws Exception {
        var log = InMemoryLog.of(size, key);
        assertThat(check(log)).satisfies(it -> {
            assertThat(it.findings()).isEmpty();
            assertThat(it.checkpoint().size()).isEqualTo(size);
            assertThat(it.mirroredSize()).isZero();
            assertThat(it.firstUse()).isTrue();
        });
        assertThat(check(log)).satisfies(it -> {
            assertThat(it.findings()).isEmpty();
            assertThat(it.mirroredSize()).isEqualTo(size);
            assertThat(it.firstUse()).isFalse();
        });
    }

    @Test
    void what_is_kept_is_a_mirror_of_the_log_and_of_nothing_else_however_it_grew() throws Exception {
        for (var size : new long[] {3, 255, 256, 600, 700, 65_000, 66_000}) {
            assertThat(check(InMemoryLog.of(size, key)).findings()).isEmpty();
        }
        var log = InMemoryLog.of(66_000, key);
        try (var files = Files.walk(mirror)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(it -> mirror.relativize(it).toString()))
                    .containsExactlyInAnyOrderElementsOf(log.files.keySet());
        }
        assertThat(Verification.of(LogSource.of(mirror.toString())).run().findings())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 256, 511, 512, 599})
    void F45_an_entry_that_was_changed_is_named(int index) throws Exception {
        keep(600);
        var log = InMemoryLog.of(600, key).withBit(entries(index), index % 256 * 34 + 2);
        assertBad(check(log), index, "the entry was changed");
        assertBad(Verification.of(log).run(), index, "one of them was changed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 256, 511, 512, 599})
    void F45_a_leaf_hash_that_was_changed_is_named(int index) throws Exception {
        keep(600);
        assertBad(
                check(InMemoryLog.of(600, key).withBit(leaves(index), index % 256 * 32)),
                index,
                "the hash was changed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 255, 256, 511, 512, 599})
    void F45_an_entry_that_is_gone_is_named(int index) throws Exception {
        keep(600);
        var log = InMemoryLog.of(600, key).withEntries(entries(index), entries -> {
            entries.set(index % 256, new byte[0]);
            return entries;
        });
        assertBad(check(log), index, "Entry %d is missing".formatted(index));
    }

    @Test
    void F45_a_file_that_is_gone_or_cut_off_is_named_by_the_first_entry_in_it() throws Exception {
        assertBad(check(InMemoryLog.of(600, key).without("tile/0/001")), 256, "tile/0/001 is missing");
        assertBad(check(InMemoryLog.of(600, key).without("tile/entries/002.p/88")), 512, "Entry 512 is missing");
        assertBad(
                check(InMemoryLog.of(600, key).with("tile/entries/001", it -> java.util.Arrays.copyOf(it, 345))),
                266,
                "Entry 266 is missing");
        assertBad(
                check(InMemoryLog.of(600, key).with("tile/0/001", it -> java.util.Arrays.copyOf(it, 345))),
                266,
                "cut off");
        assertBad(check(InMemoryLog.of(600, key).without("tile/1/000.p/2")), 0, "tile/1/000.p/2 is missing");
    }

    @Test
    void F45_a_hash_of_an_upper_tile_that_was_changed_is_named_by_the_first_entry_below_it() throws Exception {
        assertBad(check(InMemoryLog.of(600, key).withBit("tile/1/000.p/2", 32)), 256, "entries 256 to 511");
        assertBad(
                check(InMemoryLog.of(65_900, key).withBit("tile/1/000", 9 * 32 + 5)), 9 * 256, "entries 2304 to 2559");
        assertBad(check(InMemoryLog.of(65_900, key).withBit("tile/2/000.p/1", 7)), 0, "entries 0 to 65535");
    }

    @Test
    void F45_entries_that_changed_places_are_named() throws Exception {
        keep(600);
        var swapped = InMemoryLog.of(600, key).withEntries("tile/entries/001", it -> {
            Collections.swap(it, 10, 200);
            return it;
        });
        assertBad(check(swapped), 266, "the entry was changed");
        assertBad(
                check(rewritten(600, i -> InMemoryLog.entry(i == 3 ? 590 : i == 590 ? 3 : i))),
                3,
                "entry was replaced");
    }

    @Test
    void F45_a_log_that_is_consistent_in_itself_and_properly_signed_is_bad_when_it_is_not_the_one_that_was_kept()
            throws Exception {
        keep(600);
        assertBad(check(rewritten(600, i -> InMemoryLog.entry(i == 300 ? 7 : i))), 300, "entry was replaced");
        assertBad(
                check(rewritten(700, i -> InMemoryLog.entry(i < 300 ? i : i - 1))),
                300,
                "entry was replaced"); // one was inserted
        assertBad(
                check(rewritten(599, i -> InMemoryLog.entry(i < 300 ? i : i + 1))),
                300,
                "entry was replaced"); // one was taken out
        assertBad(
                check(rewritten(650, i -> InMemoryLog.entry(i < 500 ? i : 10_000 + i))),
                500,
                "entry was replaced"); // an old backup grew
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 512, 599})
    void F45_a_tail_that_was_cut_off_is_named_by_its_first_entry(int size) throws Exception {
        keep(600);
        assertBad(check(InMemoryLog.of(size, key)), size, "%d entries where 600 were kept".formatted(size));
    }

    @Test
    void F45_a_log_signed_with_another_key_is_bad_and_the_first_entry_that_differs_is_named() throws Exception {
        keep(600);
        var theirs = InMemoryLog.aKey(folder);
        assertThat(check(InMemoryLog.of(600, theirs))).satisfies(it -> {
            assertThat(it.firstBadIndex()).isEmpty();
            assertThat(it.findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains("another key"));
        });
        assertBad(check(InMemoryLog.of(600, theirs, i -> InMemoryLog.entry(i < 42 ? i : i + 1))), 42, "another key");
        assertBad(check(InMemoryLog.of(500, theirs)), 500, "another key");
    }

    @Test
    void F45_a_checkpoint_that_was_changed_is_bad() throws Exception {
        keep(600);
        var log = InMemoryLog.of(600, key);
        var note = new String(log.files.get("checkpoint"), UTF_8);
        for (var i = 0; i < note.length(); i++) {
            var changed = new StringBuilder(note);
            changed.setCharAt(i, (char) (note.charAt(i) ^ 1));
            log.with("checkpoint", _ -> changed.toString().getBytes(UTF_8));
            assertThat(check(log).findings()).as("character %d", i).isNotEmpty();
        }
        assertThat(check(log.without("checkpoint")).findings())
                .extracting(Finding::what)
                .contains("The log has no checkpoint.");
    }

    @Test
    void a_root_that_is_not_that_of_the_entries_is_bad_even_when_nothing_was_kept() throws Exception {
        var log = InMemoryLog.of(600, key);
        log.sign(new Checkpoint(InMemoryLog.ORIGIN, 600, MerkleTree.leafHash(new byte[0])), key);
        assertThat(Verification.of(log).run()).satisfies(it -> {
            assertThat(it.findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains("root"));
            assertThat(it.firstBadIndex()).isEmpty();
        });
    }

    @Test
    void a_checkpoint_of_another_log_by_the_same_key_is_bad() throws Exception {
        var log = InMemoryLog.of(600, key);
        log.sign(
                new Checkpoint(
                        "another.example/log",
                        600,
                        Checkpoint.unverified(new String(log.files.get("checkpoint"), UTF_8))
                                .root()),
                key);
        assertThat(Verification.of(log).run().findings())
                .singleElement()
                .satisfies(it -> assertThat(it.what()).contains("another log"));
    }

    @Test
    void a_check_that_found_something_keeps_nothing_of_it() throws Exception {
        keep(600);
        var before = contents();
        assertThat(check(InMemoryLog.of(600, key).withBit("tile/0/001", 0)).passed())
                .isFalse();
        assertThat(check(InMemoryLog.of(500, key)).passed()).isFalse();
        assertThat(check(InMemoryLog.of(700, InMemoryLog.aKey(folder))).passed())
                .isFalse();
        assertThat(contents()).containsAllEntriesOf(before);
        assertThat(check(InMemoryLog.of(700, key)).findings()).isEmpty();
    }

    @Test
    void what_was_kept_and_then_damaged_is_not_blamed_on_the_log() throws Exception {
        keep(600);
        Files.write(mirror.resolve("tile/0/000"), new byte[8192]);
        assertThatThrownBy(() -> check(InMemoryLog.of(600, key)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
        Files.delete(mirror.resolve("tile/0/000"));
        assertThatThrownBy(() -> check(InMemoryLog.of(600, key)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
    }

    @Test
    void a_log_that_cannot_be_read_is_neither_well_nor_bad() throws Exception {
        assertThatThrownBy(() -> check(new InMemoryLog()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no log");
        var failing = InMemoryLog.of(600, key);
        LogSource broken = path -> {
            if (path.equals("tile/entries/001")) {
                throw new IOException("the network is gone");
            }
            return failing.read(path);
        };
        assertThatThrownBy(() -> check(broken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the network is gone");
        keep(600);
        assertThatThrownBy(() -> Verification.of(failing)
                        .signedBy(InMemoryLog.aKey(folder).verifier())
                        .against(LocalMirror.open(mirror))
                        .run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another folder");
    }

    @Test
    void a_log_that_grew_meanwhile_and_has_full_tiles_alone_is_well() throws Exception {
        var grown = InMemoryLog.of(768, key);
        var older = InMemoryLog.of(600, key);
        LogSource between =
                path -> path.equals("checkpoint") || path.startsWith("tile/1") ? older.read(path) : grown.read(path);
        assertThat(check(between).findings()).isEmpty();
        assertThat(check(grown).findings()).isEmpty();
    }

    @Test
    void a_log_that_says_that_it_is_damaged_is_bad_and_is_looked_through_for_where() throws Exception {
        keep(600);
        var log = InMemoryLog.of(600, key).withBit("tile/entries/000", 2);
        LogSource damaged = path -> {
            if (path.equals("checkpoint")) {
                throw new LogSource.Damaged("its root is not what its note says", OptionalLong.of(599));
            }
            return log.read(path);
        };
        assertBad(check(damaged), 0, "its root is not what its note says");
    }

    private void keep(long size) throws Exception {
        assertThat(check(InMemoryLog.of(size, key)).findings()).isEmpty();
    }

    private VerificationReport check(LogSource log) throws Exception {
        return Verification.of(log).against(LocalMirror.open(mirror)).run();
    }

    private InMemoryLog rewritten(long size, LongFunction<byte[]> entry) {
        return InMemoryLog.of(size, key, entry);
    }

    private TreeMap<String, String> contents() throws IOException {
        var contents = new TreeMap<String, String>();
        try (var files = Files.walk(mirror)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.toString(), java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static String entries(int index) {
        return index < 512 ? "tile/entries/00" + index / 256 : "tile/entries/002.p/88";
    }

    private static String leaves(int index) {
        return entries(index).replace("entries", "0");
    }

    private static void assertBad(VerificationReport report, long index, String what) {
        assertThat(report.firstBadIndex()).as(report.findings().toString()).hasValue(index);
        assertThat(report.findings()).anySatisfy(it -> assertThat(it.what()).contains(what));
    }
}
