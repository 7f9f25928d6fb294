package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.anchorhold.ledger.event.LedgerEntry;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a superuser of the database can do to a log of 600 entries (two full tiles and a part of one), and what the verifier says of it
 * that was there before: over the companion's HTTP, against what it kept.
 */
class TamperMatrixTest {
    private static final String ANYTHING = "";

    @TempDir
    private static Path folder;

    private static VerifiedLogFixture log;
    private static Superuser superuser;

    @BeforeAll
    static void a_log_that_was_checked_and_kept() throws Exception {
        log = new VerifiedLogFixture(folder);
        superuser = log.superuser;
    }

    @AfterAll
    static void stop() throws Exception {
        try (var it = log) {
            assertThat(it.check().findings()).as("of the log as it was").isEmpty();
        }
    }

    @AfterEach
    void as_if_nothing_had_been() {
        superuser.restore();
    }

    static Stream<Arguments> columns_of_an_event() {
        return Stream.of(
                        arguments("index", "index + 1000"),
                        arguments("resource", "gen_random_uuid()"),
                        arguments("sequence", "sequence + 1000"),
                        arguments("kind", "CASE kind WHEN 'Agent' THEN 'PlainVm' ELSE 'Agent' END"),
                        arguments("namespace", "'X' || substr(namespace, 2)"),
                        arguments("name", "name || '.'"),
                        arguments("region", "reverse(region)"),
                        arguments("size", "upper(size)"),
                        arguments("event", "CASE event WHEN 'stop' THEN 'start' ELSE 'stop' END"),
                        arguments("state", "CASE state WHEN 'Paused' THEN 'Running' ELSE 'Paused' END"),
                        arguments("state", "NULL"),
                        arguments("account", "account || ' '"),
                        arguments("previous_account", "upper(previous_account)"),
                        arguments("at", "at + interval '1 microsecond'"),
                        arguments("asked_by", "overlay(asked_by placing '0' from 3)"),
                        arguments("asked_by", "NULL"),
                        arguments("reason", "upper(reason)"),
                        arguments("volume_gib", "volume_gib + 1"),
                        arguments("volume_gib", "NULL"),
                        arguments("recorded_at", "recorded_at - interval '1 microsecond'"),
                        arguments("nonce", "set_byte(nonce, 15, get_byte(nonce, 15) # 1)"),
                        arguments("leaf_hash", "set_byte(leaf_hash, 31, get_byte(leaf_hash, 31) # 128)"))
                .flatMap(it ->
                        Stream.of("first", "middle", "last").map(which -> arguments(it.get()[0], it.get()[1], which)));
    }

    @ParameterizedTest
    @MethodSource("columns_of_an_event")
    void F45_each_column_of_an_event(String column, String value, String which) throws Exception {
        var where = column.equals("event") ? "event IN ('start', 'stop')" : column + " IS NOT NULL";
        var index = one(
                which,
                superuser.numbers("SELECT index AS it FROM ledger.event WHERE %s ORDER BY index".formatted(where)));
        assertThat(superuser.execute("UPDATE ledger.event SET %s = %s WHERE index = ?".formatted(column, value), index))
                .isOne();
        assertBad(index, ANYTHING);
    }

    @Test
    void no_column_is_forgotten() {
        var tried = new HashSet<>(List.of("level", "index", "hashes", "root", "size", "frontier", "note"));
        columns_of_an_event().forEach(it -> tried.add((String) it.get()[0]));
        assertThat(superuser.texts(
                        "SELECT DISTINCT column_name AS it FROM information_schema.columns WHERE table_schema = 'ledger'"
                                + " AND table_name IN ('event', 'tile', 'checkpoint')"))
                .containsExactlyInAnyOrderElementsOf(tried);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void F45_each_column_of_a_tile(int tile) throws Exception {
        var first = tile * 256;
        for (var position : List.of(0, 17, 255)) {
            superuser.execute(
                    "UPDATE ledger.tile SET hashes = set_byte(hashes, ?, get_byte(hashes, ?) # 4) WHERE level = 0 AND index = ?",
                    position * 32 + 5,
                    position * 32 + 5,
                    tile);
            assertBad(first + position, "the hash was changed");
            superuser.restore();
        }
        for (var change : List.of(
                "root = set_byte(root, 0, get_byte(root, 0) # 1)", "level = 1", "level = 7", "index = index + 2")) {
            superuser.execute("UPDATE ledger.tile SET %s WHERE level = 0 AND index = ?".formatted(change), tile);
            assertBad(first, ANYTHING);
            superuser.restore();
        }
        superuser.execute("DELETE FROM ledger.tile WHERE index = ?", tile);
        assertBad(first, "is missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size = 601",
                "size = 599",
                "size = 1",
                "root = set_byte(root, 9, get_byte(root, 9) # 1)",
                "frontier = set_byte(frontier, 9, get_byte(frontier, 9) # 1)",
                "frontier = substr(frontier, 2)",
                "note = replace(note, '600', '601')",
                "note = replace(note, 'anchorhold', 'anchorhole')",
                "note = regexp_replace(note, '.....\n$', E'AAAA=\n')",
                "note = note || '.'",
                "note = ''"
            })
    void F45_each_column_of_the_newest_checkpoint(String change) throws Exception {
        assertThat(superuser.execute("UPDATE ledger.checkpoint SET %s WHERE size = 600".formatted(change)))
                .isOne();
        assertThat(log.check().passed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 511, 512, 599})
    void F45_an_event_deleted(int index) throws Exception {
        superuser.execute("DELETE FROM ledger.event WHERE index = ?", index);
        assertBad(index, ANYTHING);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 599})
    void F45_an_event_deleted_and_those_after_it_moved_up(int index) throws Exception {
        superuser.execute("DELETE FROM ledger.event WHERE index = ?", index);
        superuser.renumber(LongStream.range(index + 1, VerifiedLogFixture.SIZE)
                .flatMap(i -> LongStream.of(i, i - 1))
                .toArray());
        assertBad(index, ANYTHING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10 400", "0 599", "520 590", "255 256"})
    void F45_two_events_swapped(String both) throws Exception {
        var one = Long.parseLong(both.split(" ")[0]);
        var other = Long.parseLong(both.split(" ")[1]);
        superuser.renumber(one, other, other, one);
        assertBad(one, ANYTHING);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 599, 600})
    void F45_an_event_inserted(int index) throws Exception {
        superuser.renumber(LongStream.range(index, VerifiedLogFixture.SIZE)
                .flatMap(i -> LongStream.of(i, i + 1))
                .toArray());
        superuser.execute("""
                INSERT INTO ledger.event SELECT (jsonb_populate_record(e, jsonb_build_object('index', ?, 'sequence', 100))).*
                FROM ledger.event e WHERE index = 7""", index);
        assertThat(superuser.numbers("SELECT count(*) AS it FROM ledger.event"))
                .containsExactly(VerifiedLogFixture.SIZE + 1L);
        assertBad(index, ANYTHING);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 88, 300})
    void F45_events_cut_off_the_end(int number) throws Exception {
        superuser.execute("DELETE FROM ledger.event WHERE index >= ?", VerifiedLogFixture.SIZE - number);
        assertBad(VerifiedLogFixture.SIZE - number, ANYTHING);
    }

    @Test
    void F45_the_tail_cut_off_everywhere() throws Exception {
        goBack();
        assertBad(VerifiedLogFixture.OLDER, "The log has 420 entries where 600 were kept");
    }

    @Test
    void F45_an_old_backup_put_back_that_grows_differently() throws Exception {
        goBack();
        log.record(log.key, SampleEntries.provisions(100).journals());
        assertBad(VerifiedLogFixture.OLDER, "entry was replaced");
        log.record(log.key, SampleEntries.provisions(150).journals());
        assertThat(log.size()).isEqualTo(670);
        assertBad(VerifiedLogFixture.OLDER, "entry was replaced");
    }

    @Test
    void F45_everything_gone() throws Exception {
        superuser.truncateAll();
        assertBad(0, "The log has 0 entries where 600 were kept");
    }

    @Test
    void F45_everything_recorded_again_with_a_new_key() throws Exception {
        superuser.truncateAll();
        log.record(log.anotherKey(), VerifiedLogFixture.journals(0, 85));
        assertBad(0, "another key");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 599})
    void F45_an_event_changed_and_all_made_consistent_and_signed_with_a_new_key(int index) throws Exception {
        superuser.rewrite(log.anotherKey(), events -> changed(events, index));
        assertBad(index, "another key");
    }

    /** Even who has the key cannot: what was kept says otherwise. */
    @ParameterizedTest
    @ValueSource(ints = {0, 300, 599})
    void F45_an_event_changed_taken_out_inserted_or_swapped_and_all_signed_with_the_log_s_own_key(int index)
            throws Exception {
        superuser.rewrite(log.key, events -> changed(events, index));
        assertBad(index, "entry was replaced");
        superuser.restore();
        superuser.rewrite(log.key, events -> {
            events.remove(index);
            return events;
        });
        assertBad(index, ANYTHING);
        superuser.restore();
        superuser.rewrite(log.key, events -> {
            events.add(
                    index,
                    new LogEvent(
                            0,
                            SampleEntries.agent(),
                            SampleEntries.provision(),
                            events.getFirst().recordedAt(),
                            new byte[16],
                            null));
            return events;
        });
        assertBad(index, "entry was replaced");
        superuser.restore();
        superuser.rewrite(log.key, events -> {
            Collections.swap(events, index, index == 599 ? 598 : 599);
            return events;
        });
        assertBad(Math.min(index, index == 599 ? 598 : 599), "entry was replaced");
    }

    private static List<LogEvent> changed(List<LogEvent> events, int index) {
        var event = events.get(index);
        var entry = event.entry();
        events.set(
                index,
                new LogEvent(
                        index,
                        event.subject(),
                        new LedgerEntry(
                                entry.sequence(),
                                entry.at(),
                                entry.event(),
                                entry.state(),
                                "eve",
                                entry.previousAccount(),
                                entry.by(),
                                entry.reason()),
                        event.recordedAt(),
                        event.nonce(),
                        null));
        return events;
    }

    /** To the state of an earlier checkpoint, in all tables. */
    private static void goBack() {
        superuser.execute("DELETE FROM ledger.event WHERE index >= ?", VerifiedLogFixture.OLDER);
        superuser.execute("DELETE FROM ledger.tile WHERE (index + 1) * 256 > ?", VerifiedLogFixture.OLDER);
        superuser.execute("DELETE FROM ledger.checkpoint WHERE size > ?", VerifiedLogFixture.OLDER);
    }

    private static void assertBad(long index, String what) throws Exception {
        var report = log.check();
        assertThat(report.firstBadIndex()).as(report.findings().toString()).hasValue(index);
        assertThat(report.findings()).anySatisfy(it -> assertThat(it.what()).contains(what));
    }

    private static long one(String which, List<Long> of) {
        return of.get(
                switch (which) {
                    case "first" -> 0;
                    case "middle" -> of.size() / 2;
                    default -> of.size() - 1;
                });
    }
}
