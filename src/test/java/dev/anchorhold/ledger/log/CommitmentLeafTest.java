package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.ledger.verify.LogSource;
import dev.anchorhold.ledger.verify.Verification;
import dev.anchorhold.ledger.verify.VerificationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leaves that are commitments, among those that are events: in a full tile and in one that is not. */
class CommitmentLeafTest {
    private static final int SIZE = 277;

    private static LogFixture fixture;
    private static Superuser superuser;

    @BeforeAll
    static void a_log() {
        fixture = new LogFixture();
        fixture.log.record(SampleEntries.provisions(100));
        commit("2026-10");
        fixture.log.record(SampleEntries.provisions(170));
        commit("2026-11");
        fixture.log.record(SampleEntries.provisions(5));
        superuser = new Superuser(fixture.postgres);
        superuser.save();
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    private static Commitment commit(String month) {
        return fixture.database.transaction(
                it -> fixture.log.commit(it, Commitment.Type.Statement, "acme", month, new byte[32]));
    }

    private static VerificationReport verified() throws IOException, InterruptedException {
        TileReader tiles = new TileReader(fixture.database);
        LogSource source = path -> switch (path) {
            case "key" -> text(fixture.log.key().text());
            case "checkpoint" ->
                text(fixture.proofs.checkpoint(SIZE).orElseThrow().note());
            default -> TilePath.parse(path).flatMap(tiles::at);
        };
        return Verification.of(source).run();
    }

    private static Optional<byte[]> text(String text) {
        return Optional.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void H20_they_are_counted_with_the_events_and_the_log_is_whole() throws Exception {
        assertThat(verified().findings()).isEmpty();
        assertThat(verified().checkpoint().size()).isEqualTo(SIZE);
        List<Commitment> all = fixture.database.transaction(it -> Commitments.statements(it, "acme"));
        assertThat(all).extracting(Commitment::index).containsExactly(100L, 271L);
        assertThat(fixture.events.at(100)).isEmpty();
        assertThat(fixture.proofs.inclusion(271, SIZE)).isNotEmpty();
    }

    @Test
    void H20_nothing_is_committed_to_twice_and_what_is_undone_leaves_no_leaf() throws Exception {
        assertThatThrownBy(() -> commit("2026-11")).hasMessageContaining("23505");
        assertThatThrownBy(() -> fixture.database.transaction(it -> {
                    fixture.log.commit(it, Commitment.Type.Statement, "acme", "2026-12", new byte[32]);
                    throw new IllegalStateException("the rest failed");
                }))
                .hasMessage("the rest failed");
        assertThat(fixture.log.head().size()).isEqualTo(SIZE);
        assertThat(verified().findings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE ledger.commitment SET account = 'bolt' WHERE index = ?",
                "UPDATE ledger.commitment SET name = '2026-09' WHERE index = ?",
                "UPDATE ledger.commitment SET kind = 'PriceList', account = NULL WHERE index = ?",
                "UPDATE ledger.commitment SET digest = set_byte(digest, 0, 1) WHERE index = ?",
                "UPDATE ledger.commitment SET recorded_at = recorded_at + interval '1 microsecond' WHERE index = ?",
                "UPDATE ledger.commitment SET nonce = set_byte(nonce, 0, get_byte(nonce, 0) # 1) WHERE index = ?",
                "UPDATE ledger.commitment SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1) WHERE index = ?",
                "UPDATE ledger.commitment SET index = index + 1000 WHERE index = ?",
                "DELETE FROM ledger.commitment WHERE index = ?"
            })
    void H20_each_column_of_a_commitment(String change) throws Exception {
        for (long index : List.of(100L, 271L)) {
            assertThat(superuser.execute(change, index)).isOne();
            VerificationReport report = verified();
            superuser.restore();
            assertThat(report.firstBadIndex()).as(report.findings().toString()).hasValue(index);
        }
    }
}
