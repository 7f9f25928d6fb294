package dev.anchorhold.ledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.Proofs;
import dev.anchorhold.ledger.merkle.TilePath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is served of a log of 600 leaves when somebody has changed its rows: always what lets a verifier say where. */
class TileReaderTest {
    private static final int SIZE = 600;
    private final LogFixture logFixture = new LogFixture();
    private final TileReader tileReader = new TileReader(logFixture.database);

    TileReaderTest() {
        logFixture.log.record(SampleEntries.provisions(250));
        logFixture.log.record(SampleEntries.provisions(SIZE - 250));
    }

    @AfterEach
    void close() {
        logFixture.close();
    }

    @Test
    void untouched_every_entry_is_its_leaf_and_every_proof_holds() {
        for (int tile = 0; tile < 3; tile++) {
            assertThat(wrong(tile)).isEmpty();
        }
        byte[] root = logFixture.log.head().root();
        for (long index : new long[] {0, 1, 255, 256, 511, 512, 599}) {
            byte[] leaf = logFixture.events.at(index).orElseThrow().leafHash();
            assertThat(Proofs.verifyInclusion(leaf, index, SIZE, root, logFixture.proofs.inclusion(index, SIZE)))
                    .isTrue();
        }
        byte[] older = logFixture.proofs.checkpoint(250).orElseThrow().root();
        assertThat(Proofs.verifyConsistency(250, older, SIZE, root, logFixture.proofs.consistency(250, SIZE)))
                .isTrue();
        assertThatThrownBy(() -> logFixture.proofs.inclusion(0, SIZE + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> logFixture.proofs.inclusion(SIZE, SIZE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_event_that_is_gone_or_none_any_more_is_an_entry_of_no_length() throws Exception {
        logFixture.asOwner("DELETE FROM ledger.event WHERE index IN (3, 555)");
        logFixture.asOwner("ALTER TABLE ledger.event DROP CONSTRAINT event_state_check");
        logFixture.asOwner("UPDATE ledger.event SET state = 'Flying' WHERE index = 10");
        logFixture.asOwner("UPDATE ledger.event SET at = 'infinity' WHERE index = 11");
        assertThat(entries(0).get(3)).isEmpty();
        assertThat(wrong(0)).containsExactly(3, 10, 11);
        assertThat(entries(2).get(555 - 512)).isEmpty();
        assertThat(leaves(2).get(555 - 512)).containsOnly(0);
        assertThat(wrong(2)).containsExactly(555 - 512);
    }

    @Test
    void a_changed_event_differs_from_its_leaf_there_and_nowhere_else() throws Exception {
        logFixture.asOwner("UPDATE ledger.event SET account = 'eve' WHERE index IN (7, 530)");
        logFixture.asOwner(
                "UPDATE ledger.event SET recorded_at = recorded_at + interval '1 microsecond' WHERE index = 8");
        assertThat(wrong(0)).containsExactly(7, 8);
        assertThat(wrong(2)).containsExactly(530 - 512);
    }

    @Test
    void a_full_tile_that_differs_from_its_leaves_or_a_leaf_from_its_tile_shows_zeros() throws Exception {
        logFixture.asOwner("UPDATE ledger.event SET leaf_hash = sha256('') WHERE index = 9");
        logFixture.asOwner(
                "UPDATE ledger.tile SET hashes = set_byte(hashes, 32 * 12, 1 + get_byte(hashes, 32 * 12) % 254)"
                        + " WHERE level = 0 AND index = 1");
        assertThat(leaves(0).get(9)).containsOnly(0);
        assertThat(wrong(0)).containsExactly(9);
        assertThat(wrong(1)).containsExactly(12);
    }

    @Test
    void a_tile_that_is_gone_is_not_there_and_the_others_are() throws Exception {
        logFixture.asOwner("DELETE FROM ledger.tile WHERE index = 1");
        assertThat(tileReader.at(new TilePath(0, 1, 256))).isEmpty();
        assertThat(wrong(0)).isEmpty();
        assertThat(HashCodec.split(tileReader.at(new TilePath(1, 0, 2)).orElseThrow())
                        .get(1))
                .containsOnly(0);
    }

    /** Where a tile's leaves are not those of its entries. */
    private List<Integer> wrong(int tile) {
        List<byte[]> entries = entries(tile);
        List<byte[]> leaves = leaves(tile);
        List<Integer> wrong = new ArrayList<>();
        for (int i = 0; i < leaves.size(); i++) {
            if (!Arrays.equals(MerkleTree.leafHash(entries.get(i)), leaves.get(i))) {
                wrong.add(i);
            }
        }
        return wrong;
    }

    private List<byte[]> leaves(int tile) {
        return HashCodec.split(tileReader.at(new TilePath(0, tile, width(tile))).orElseThrow());
    }

    private List<byte[]> entries(int tile) {
        ByteBuffer bundle = ByteBuffer.wrap(
                tileReader.at(new TilePath(TilePath.ENTRIES, tile, width(tile))).orElseThrow());
        List<byte[]> entries = new ArrayList<>();
        while (bundle.hasRemaining()) {
            byte[] entry = new byte[bundle.getShort()];
            bundle.get(entry);
            entries.add(entry);
        }
        assertThat(entries).hasSize(width(tile));
        return entries;
    }

    private static int width(int tile) {
        return Math.min(256, SIZE - tile * 256);
    }
}
